"""Ways to choose the winner: simpler or faster candidates that are nearly as good as the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError, check_number
from geneticsearch.evolution import knee
from geneticsearch.results._history import Floats
from geneticsearch.results._noise import usual_standard_error
from geneticsearch.results._sources import evolved_metric, scores_on_folds


@dataclass(frozen=True)
class one_standard_error:
    """Refit the simplest candidate whose score is within one standard error of the best.

    Differences this small do not show which candidate is better, so the simpler one is preferred. The standard error
    is that of the best candidate's mean over the folds, of which there must be at least two. Of equally simple
    candidates, the one with the better score is chosen. With several metrics, the first one is used.

    As with every function as `refit`, `best_score_` is not set; it is
    ``cv_results_["mean_test_score"][best_index_]``.

    Parameters
    ----------
    complexity : str or callable
        What makes a candidate complex. Either the name of a parameter whose smaller values are simpler: None counts
        as "no limit" and a sequence as its sum; candidates without the parameter are chosen only if none has it. Or a
        function that takes a dict of parameters and returns a number.

    See Also
    --------
    fastest_within : Chooses the candidate with the fastest fits.

    References
    ----------
    Breiman, Friedman, Olshen & Stone (1984), "Classification and Regression Trees", section 3.4.3.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from geneticsearch import GeneticSearchCV, one_standard_error
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> space = {"max_depth": [2, 4, 6, 8, 10, 12]}
    >>> refit = one_standard_error("max_depth")
    >>> search = GeneticSearchCV(tree, space, refit=refit, random_state=0).fit(*load_digits(return_X_y=True))
    >>> search.cv_results_["mean_test_score"].round(3)
    array([0.312, 0.544, 0.717, 0.779, 0.787, 0.785])
    >>> search.best_params_
    {'max_depth': 8}

    Where larger values are simpler:

    >>> refit = one_standard_error(lambda params: -params["min_samples_leaf"])
    """

    complexity: str | Callable[[dict[str, Any]], float]

    def __post_init__(self) -> None:
        if not isinstance(self.complexity, str) and not callable(self.complexity):
            raise ArgumentTypeError(
                f"`complexity` must be the name of a parameter or a function of parameters; got {self.complexity!r}."
            )

    def __call__(self, cv_results: Mapping[str, Any]) -> int:
        scores, folds = _scores(cv_results)
        if folds.shape[1] < 2:
            raise ArgumentError("`refit=one_standard_error(...)` needs scores on at least two folds; there is one.")
        best = int(scores.argmax())
        close = np.flatnonzero(scores >= scores[best] - usual_standard_error(folds[best]))
        return int(min(close, key=lambda i: (self._of(cv_results["params"][i]), -scores[i])))

    def _of(self, params: dict[str, Any]) -> float:
        """Return how complex a candidate is."""
        if isinstance(self.complexity, str):
            value = params.get(self.complexity, math.inf)
            value = math.inf if value is None else value
        else:
            value = self.complexity(params)
        try:
            return float(np.asarray(value, dtype=float).sum())
        except (TypeError, ValueError):
            raise ArgumentTypeError(
                f"`complexity` must give numbers or sequences of them; got {value!r} of {params!r}. Pass a function "
                "that takes the dict of parameters and returns a number."
            ) from None


@dataclass(frozen=True)
class fastest_within:
    """Refit the candidate with the fastest fits whose score is at most `tolerance` below the best.

    Times are those measured for fitting and scoring one fold, so of candidates that take about as long, another may be
    chosen next time. With several metrics, the first one is used.

    As with every function as `refit`, `best_score_` is not set; it is
    ``cv_results_["mean_test_score"][best_index_]``.

    Parameters
    ----------
    tolerance : float
        How much of the score may be given up, at least 0; 0.01 is one percentage point of accuracy.

    See Also
    --------
    one_standard_error : Chooses the simplest candidate.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from geneticsearch import GeneticSearchCV, fastest_within
    >>> forest = RandomForestClassifier(random_state=0)
    >>> space = {"n_estimators": [10, 20, 200]}
    >>> search = GeneticSearchCV(forest, space, refit=fastest_within(0.1), cv=2, random_state=0)
    >>> search.fit(*load_breast_cancer(return_X_y=True)).best_params_
    {'n_estimators': 10}
    """

    tolerance: float

    def __post_init__(self) -> None:
        check_number("tolerance", self.tolerance, low=0)

    def __call__(self, cv_results: Mapping[str, Any]) -> int:
        scores, _ = _scores(cv_results)
        times = np.add(cv_results["mean_fit_time"], cv_results["mean_score_time"])
        close = np.flatnonzero(scores >= scores.max() - self.tolerance)
        return int(min(close, key=lambda i: (times[i], -scores[i])))


@dataclass(frozen=True)
class knee_of_front:
    """Refit the knee of the front of a search with several `objectives`.

    It is the candidate of the front that is farthest from the plane through its ends, each metric in units of its range
    on the front: around it, gaining by one metric costs most by another. A front of two has no knee; the first of them
    is chosen.

    As with every function as `refit`, `best_score_` is not set.

    Parameters
    ----------
    metrics : list of str or None, default=None
        Names of the metrics that count; None is all of `scoring`.

    References
    ----------
    Das (1999), "On characterizing the 'knee' of the Pareto curve", doi:10.1007/BF01195985.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Lasso
    >>> from geneticsearch import GeneticSearchCV, LogUniformDistribution, knee_of_front
    >>> from geneticsearch.scorers import neg_n_features
    >>> search = GeneticSearchCV(
    ...     Lasso(),
    ...     {"alpha": LogUniformDistribution(1e-3, 10)},
    ...     n_iter=30,
    ...     scoring={"error": "neg_root_mean_squared_error", "features": neg_n_features},
    ...     objectives=["error", "features"],
    ...     refit=knee_of_front(),
    ...     random_state=0,
    ... ).fit(*load_diabetes(return_X_y=True))
    >>> int((search.best_estimator_.coef_ != 0).sum())
    4
    """

    metrics: Sequence[str] | None = None

    def __call__(self, cv_results: Mapping[str, Any]) -> int:
        if "pareto_rank" not in cv_results:
            raise ArgumentError("`refit=knee_of_front()` needs a search with several `objectives`.")
        named = [name.removeprefix("mean_test_") for name in cv_results if name.startswith("mean_test_")]
        metrics = named if self.metrics is None else list(self.metrics)
        if not set(metrics) <= set(named):
            raise ArgumentError(
                f"`metrics` of `refit` must be metrics of `scoring`, which are {named}; got {metrics!r}."
            )
        scores = np.column_stack([cv_results[f"mean_test_{name}"] for name in metrics]).astype(float)
        front = np.flatnonzero((cv_results["pareto_rank"] == 1) & ~np.isnan(scores).any(axis=1))
        return int(front[knee(scores[front])])


def _scores(cv_results: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """Return mean scores, minus infinity for those that failed, and the scores on each fold."""
    folds = scores_on_folds(cv_results, evolved_metric(cv_results))
    means = folds.mean(axis=1)
    return np.where(np.isfinite(means), means, -np.inf), folds
