"""Which columns of a table: a transformer that keeps some, and the search for the best."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.feature_selection import SelectorMixin
from sklearn.metrics import check_scoring
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from geneticsearch._errors import ArgumentError, ArgumentTypeError, check_number
from geneticsearch._search import GeneticSearchCV
from geneticsearch._sklearn import TakesAnyTable, TakesTablesOfEstimator, look_at
from geneticsearch.results import one_standard_error
from geneticsearch.space import SubsetDistribution, short


class Selector(SelectorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Base class of what keeps some columns."""

    def transform(self, X: Any) -> Any:
        """Keep the selected columns.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)
            A table with the same columns as that of `fit`.

        Returns
        -------
        array, sparse matrix or DataFrame of shape (n_samples, n_selected)
            The same with fewer columns.
        """
        check_is_fitted(self)
        if not hasattr(X, "iloc"):
            return super().transform(X)
        look_at(self, X, reset=False)
        return X.iloc[:, self.get_support(indices=True)]


class SelectColumns(TakesAnyTable, Selector):
    """Keep some columns, so that a search can choose which.

    Give a pipeline this step and search its parameter with a `SubsetDistribution`: columns and the parameters of the
    other steps are then found together, and chosen anew within each fold, so that no score has seen its test data.

    Parameters
    ----------
    columns : list, tuple or 1-d array of str or int, or None, default=None
        Names of columns, or their positions from 0. None keeps all.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen during `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if all are strings.

    See Also
    --------
    GeneticFeatureSelector : The search as a transformer.

    Notes
    -----
    Columns stay in the order of the table. A pandas DataFrame remains one; sparse matrices remain sparse, and missing
    values are let through.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from geneticsearch import GeneticSearchCV, LogUniformDistribution, SelectColumns, SubsetDistribution
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> model = make_pipeline(SelectColumns(), StandardScaler(), SVC())
    >>> space = {
    ...     "selectcolumns__columns": SubsetDistribution(X.columns, max_size=5),
    ...     "svc__C": LogUniformDistribution(0.01, 100),
    ... }
    >>> search = GeneticSearchCV(model, space, n_iter=20, random_state=0).fit(X, y)
    >>> len(search.best_params_["selectcolumns__columns"]) <= 5
    True
    """

    def __init__(self, columns: Any = None) -> None:
        self.columns = columns

    def fit(self, X: Any, y: Any = None) -> SelectColumns:
        """Find the columns.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)
            The table.
        y : None
            Ignored.

        Returns
        -------
        SelectColumns
            This object.

        Raises
        ------
        ValueError, TypeError
            If `columns` names or counts columns that are not there, or one of them twice; or is something else.
        """
        look_at(self, X, reset=True)
        self._support = np.zeros(self.n_features_in_, dtype=bool)
        self._support[self._positions()] = True
        return self

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        return self._support

    def _positions(self) -> list[int]:
        """Return the positions of the columns to keep."""
        columns, n = self.columns, self.n_features_in_
        if columns is None:
            return list(range(n))
        listed = columns.tolist() if hasattr(columns, "tolist") else columns
        if isinstance(columns, slice):
            raise ArgumentTypeError(f"`columns` must be a list; got {columns!r}. Write `range(...)`.")
        if not isinstance(listed, list | tuple | range) or (isinstance(columns, np.ndarray) and columns.ndim != 1):
            raise ArgumentTypeError(f"`columns` must be a list of names or positions, or None; got {short(columns)}.")
        if any(isinstance(column, bool) for column in listed):
            raise ArgumentTypeError("`columns` must be names or positions; got a mask. Write `np.flatnonzero(mask)`.")
        names = {name: i for i, name in enumerate(getattr(self, "feature_names_in_", ()))}
        found = []
        for column in listed:
            if isinstance(column, str):
                if not names:
                    raise ArgumentError(f"`columns` must be positions, as the table has no names; got {column!r}.")
                if column not in names:
                    raise ArgumentError(f"`columns` must be names of columns; the table has no {column!r}.")
                found.append(names[column])
            elif isinstance(column, Integral):
                check_number("columns", column, low=0, high=n - 1, integer=True)
                found.append(int(column))
            else:
                raise ArgumentTypeError(f"`columns` must be names or positions; got {column!r}.")
        if len(set(found)) < len(found):
            raise ArgumentError(f"`columns` must differ from each other; got {short(listed)}.")
        return found


def n_columns(params: dict[str, Any]) -> int:
    """Return how many columns a candidate has."""
    return len(params["select__columns"])


def neg_n_columns(pipeline: Any, X: Any = None, y: Any = None) -> float:
    """Return minus the number of columns that a pipeline selects."""
    return -float(pipeline["select"].get_support().sum())


class GeneticFeatureSelector(TakesTablesOfEstimator, MetaEstimatorMixin, Selector):  # type: ignore[misc]
    """Select the columns with which an estimator scores best, by a genetic algorithm.

    It is used like `sklearn.feature_selection.RFECV`, and needs neither coefficients nor importances. Columns are
    judged by cross-validation of the whole estimator; its parameters can be searched at the same time. The score and
    the number of columns evolve as two objectives, as many columns are found by way of few.

    Parameters
    ----------
    estimator : estimator object
        Its `score` method is used unless `scoring` is given. It may be a pipeline.
    param_distributions : dict or None, default=None
        Parameters of the estimator to search along with the columns, as in `GeneticSearchCV`.
    min_features : int, default=1
        Least number of columns.
    max_features : int or None, default=None
        Greatest number of columns; None allows all.
    prefer_fewer : bool, default=False
        Whether to take the fewest columns whose score is within one standard error of the best, rather than those with
        the best score: see `one_standard_error`.
    n_iter : int, default=100
        Number of candidates to evaluate.
    scoring : str or callable, default=None
        One metric; None is the `score` of the estimator.
    cv : int, cross-validation generator or iterable, default=None
        As in `GeneticSearchCV`.
    n_jobs : int or None, default=None
        Number of fits that run at once. The result does not depend on it.
    random_state : int, RandomState instance or None, default=None
        The same seed gives the same result; None takes fresh entropy.
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    support_ : ndarray of bool, of shape (n_features,)
        Which columns are selected.
    n_features_ : int
        How many they are.
    estimator_ : estimator
        The estimator, fitted to the selected columns of all data.
    search_ : GeneticSearchCV
        The search, with all candidates, advice and reports. Its metrics are ``score`` and ``neg_n_columns``; its
        `pareto_front_` are the best columns of each number, as far as more columns score better.
    n_features_in_ : int
        Number of columns seen during `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if all are strings.

    See Also
    --------
    SelectColumns : The transformer to search with, if columns are a step of a larger pipeline.

    Notes
    -----
    A score by which columns were chosen is too good. For an honest one, cross-validate a pipeline that has the selector
    as a step.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from geneticsearch import GeneticFeatureSelector
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> selector = GeneticFeatureSelector(KNeighborsClassifier(), max_features=5, n_iter=20, random_state=0).fit(X, y)
    >>> selector.n_features_ <= 5, selector.transform(X).shape == (178, selector.n_features_)
    (True, True)
    """

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any = None,
        *,
        min_features: int = 1,
        max_features: int | None = None,
        prefer_fewer: bool = False,
        n_iter: int = 100,
        scoring: Any = None,
        cv: Any = None,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.param_distributions = param_distributions
        self.min_features = min_features
        self.max_features = max_features
        self.prefer_fewer = prefer_fewer
        self.n_iter = n_iter
        self.scoring = scoring
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None, **params: Any) -> GeneticFeatureSelector:
        """Search the columns, and fit the estimator to the best.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Target.
        **params : dict
            Passed to the `fit` of `GeneticSearchCV`, such as `groups`.

        Returns
        -------
        GeneticFeatureSelector
            This object.

        Raises
        ------
        ValueError, TypeError
            If a parameter is wrong, or if all fits failed.
        """
        look_at(self, X, reset=True)
        n = self.n_features_in_
        check_number("min_features", self.min_features, low=1, high=n, integer=True)
        check_number("max_features", self.max_features, low=self.min_features, integer=True, optional=True)
        if isinstance(self.scoring, list | tuple | set | dict):
            raise ArgumentTypeError(f"`scoring` must be one metric, a name or a callable; got {self.scoring!r}.")
        largest = n if self.max_features is None else min(self.max_features, n)
        space = {"select__columns": SubsetDistribution(range(n), self.min_features, largest)}
        space |= {f"estimator__{name}": values for name, values in (self.param_distributions or {}).items()}
        scoring = {"score": check_scoring(self.estimator, self.scoring), "neg_n_columns": neg_n_columns}
        self.search_ = GeneticSearchCV(
            Pipeline([("select", SelectColumns()), ("estimator", clone(self.estimator))]),
            space,
            n_iter=self.n_iter,
            scoring=scoring,
            objectives=list(scoring) if self.min_features < largest else None,
            cv=self.cv,
            refit=one_standard_error(n_columns) if self.prefer_fewer else "score",
            n_jobs=self.n_jobs,
            random_state=self.random_state,
            verbose=self.verbose,
        ).fit(X, y, **params)
        best = self.search_.best_estimator_
        self.estimator_ = best["estimator"]
        self.support_ = best["select"].get_support()
        self.n_features_ = int(self.support_.sum())
        return self

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        mask: np.ndarray = self.support_
        return mask
