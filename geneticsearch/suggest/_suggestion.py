"""What to search, and where to begin."""

from __future__ import annotations

import contextlib
from itertools import product
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError
from geneticsearch.space import Genes, Space
from geneticsearch.suggest._data import Data
from geneticsearch.suggest._parts import Part, parts_of
from geneticsearch.suggest._portfolio import first_of


def suggest_space(estimator: Any, X: Any = None, y: Any = None) -> Any:
    """Return a space for an estimator: what to tune, and which values usually work.

    Parameters
    ----------
    estimator : estimator object
        Of scikit-learn, XGBoost, LightGBM or CatBoost, or of a class given to `register_space`. What is inside it is
        tuned too: steps of pipelines, members of ensembles, wrapped estimators. Transformers that are not known are
        left as they are. A parameter that you have set to anything but its default stays as you set it.
    X : array-like of shape (n_samples, n_features) or None, default=None
        The data to search on. They bound what they make impossible, such as more neighbors than there are samples, and
        give the scale of what depends on it, such as `gamma`.
    y : array-like of shape (n_samples,) or None, default=None
        The target: its spread is a scale too, and of unequal classes the weights are worth a try.

    Returns
    -------
    dict or list of dict
        For `param_distributions`; yours to print, edit and pass. Several dicts are alternatives.

    Raises
    ------
    ValueError
        If no space is known for an estimator that predicts, or there is nothing to tune.

    See Also
    --------
    suggest_initial : Candidates to begin with.
    register_space : Makes other estimators known.

    Examples
    --------
    >>> from pprint import pprint
    >>> from geneticsearch import suggest_space
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> pprint(suggest_space(make_pipeline(StandardScaler(), KNeighborsClassifier())))
    {'kneighborsclassifier__n_neighbors': LogNormalDistribution(mean=1.95, sigma=0.916, q=1, low=1, high=100),
     'kneighborsclassifier__p': [1, 2],
     'kneighborsclassifier__weights': ['uniform', 'distance']}
    """
    return _space_of(_parts(estimator, X, y))


def suggest_initial(estimator: Any, X: Any = None, y: Any = None) -> list[dict[str, Any]]:
    """Return candidates to begin with: the defaults, and what did best on many data sets or is usual.

    ``GeneticSearchCV(estimator, "auto")`` begins with them. With a space that you have edited, pass those that are
    still in it as `initial`.

    Parameters
    ----------
    estimator : estimator object
        As for `suggest_space`.
    X, y : array-like or None, default=None
        As for `suggest_space`.

    Returns
    -------
    list of dict
        Parameters in the space that `suggest_space` returns: the defaults, as far as they are in the space, and then a
        portfolio of parameters that together did best on many data sets. Of an estimator whose portfolio has not been
        learned, the medians of its distributions, and then the defaults; of all transformers the defaults.

    Examples
    --------
    >>> from geneticsearch import suggest_initial
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> suggest_initial(KNeighborsClassifier())[0]
    {'n_neighbors': 5, 'weights': 'uniform', 'p': 2}
    """
    parts = _parts(estimator, X, y)
    space = Space(_space_of(parts))
    columns = [first_of(part) for part in parts]
    found: list[dict[str, Any]] = []
    known: list[Genes] = []
    for i in range(max(map(len, columns))):
        params = _joined(parts, [column[i] if i < len(column) else column[0] for column in columns])
        with contextlib.suppress(ArgumentError):  # a registered space need not hold the defaults
            genes = space.encode(params)
            if not any(np.allclose(genes, one) for one in known):  # the middle may be the default, but for rounding
                known.append(genes)
                found.append(params)
    return found


def _space_of(parts: list[Part]) -> Any:
    spaces = [_joined(parts, chosen) for chosen in product(*(part.alternatives for part in parts))]
    return spaces[0] if len(spaces) == 1 else spaces


def _parts(estimator: Any, X: Any, y: Any) -> list[Part]:
    if not hasattr(estimator, "get_params") or isinstance(estimator, type):
        raise ArgumentTypeError(f"`estimator` must be an estimator object; got {estimator!r}.")
    parts = list(parts_of(estimator, Data.of(X, y)))
    if not parts:
        raise ArgumentError(
            f"There must be something to tune in `estimator`; there is nothing known in {estimator!r}, or all of it is "
            "set to other values than the defaults. Write a space yourself."
        )
    return parts


def _joined(parts: list[Part], chosen: Any) -> dict[str, Any]:
    """Return dicts, one for each part, as one with nested names."""
    return {
        f"{part.prefix}{name}": value for part, one in zip(parts, chosen, strict=True) for name, value in one.items()
    }
