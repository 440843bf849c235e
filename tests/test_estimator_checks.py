"""scikit-learn's checks of estimators, on the searches that it checks of its own classes.

A check may fail only where `GridSearchCV` with the same estimator and grid fails it too. That is tried on the spot, for
the installed version, rather than kept in a list.
"""

import warnings
from functools import partial
from unittest import SkipTest

import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from geneticsearch import GeneticSearchCV, LogUniformDistribution

SEARCHES = [
    GeneticSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2, error_score="raise", random_state=0),
    GeneticSearchCV(
        Pipeline([("pca", PCA()), ("logisticregression", LogisticRegression())]),
        {"logisticregression__C": LogUniformDistribution(0.1, 1.0)},
        n_iter=6,
        cv=2,
        error_score="raise",
        random_state=0,
    ),
]
CHECKS = parametrize_with_checks(SEARCHES)
# A list, as pytest 9 wants, and without the marks of what old versions of scikit-learn expect of their own searches.
CASES = [getattr(case, "values", case) for case in CHECKS.args[1]]


def grid_search_fails_too(check, search):
    """Try `check` on a `GridSearchCV` of the same estimator and of a grid in the same space."""
    grid = {
        name: values if isinstance(values, list) else [values.low, values.high]
        for name, values in search.param_distributions.items()
    }
    twin = GridSearchCV(search.estimator, grid, cv=search.cv, error_score=search.error_score)
    try:
        partial(check.func, "GridSearchCV", **check.keywords)(twin)
    except SkipTest:
        return False
    except Exception:
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize(CHECKS.args[0], CASES, **CHECKS.kwargs)
def test_search_passes_every_check_that_grid_search_passes(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check(estimator)
        except SkipTest:
            raise
        except Exception:
            if grid_search_fails_too(check, estimator):
                pytest.xfail("GridSearchCV fails this check too")
            raise
