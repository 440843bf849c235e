"""GeneticSearchCV: an estimator, and nothing about running it."""

from __future__ import annotations

import os
from numbers import Integral, Real
from typing import Any

import numpy as np

from geneticsearch._cross_validation import CrossValidation, columns_of
from geneticsearch._sklearn import StreamedSearchCV, fit_context
from geneticsearch.callbacks import write_lines
from geneticsearch.checkpoint import compact_results
from geneticsearch.evolution import SEARCH_WINDOW
from geneticsearch.report import Inspectable
from geneticsearch.results import CorrectedScore, corrected_score, species_table


class GeneticSearchCV(Inspectable, StreamedSearchCV):
    """Search the parameters of an estimator by a genetic algorithm, scored by cross-validation.

    It is used like `sklearn.model_selection.RandomizedSearchCV` and does everything that it does: `predict`, `score`
    and similar methods are those of the best estimator, refitted on all data.

    Parameters
    ----------
    estimator : estimator object
        Its `score` method is used unless `scoring` is given.
    param_distributions : dict, list of dict, or 'auto'
        Names of parameters and what their values may be: a distribution of geneticsearch, a list of values, a frozen
        distribution of scipy.stats, or any object with an `rvs` method. `SequenceDistribution` gives a tuple of
        unknown length, such as `hidden_layer_sizes`. A list that also holds distributions, such as
        ``["scale", LogUniformDistribution(1e-4, 1)]``, is a choice among them. A list of dicts holds alternatives, such
        as different classifiers with their own parameters, which compete for one budget; parameters of the same name
        and distribution are one parameter. 'auto' takes what `suggest_space` returns for the estimator and the data,
        and begins with the candidates of `suggest_initial`, after those of `initial`.
    n_iter : int, default=100
        Number of candidates to evaluate. If the space holds fewer, all of them are evaluated, in the order of
        `GridSearchCV`.
    population_size : int, default=10
        Number of the best candidates so far that may breed. Larger populations explore more and learn more slowly.
    scoring : str, callable, list, tuple or dict, default=None
        As in `RandomizedSearchCV`. Of several metrics, the one named by `refit` is evolved; the first one if `refit` is
        False or a callable. With `objectives`, several are.
    n_jobs : int or None, default=None
        Number of fits that run at once: None is 1 unless a `joblib.parallel_config` says otherwise, -1 all processors.
        The search does not depend on it.
    refit : bool, str or callable, default=True
        As in `RandomizedSearchCV`. `one_standard_error` and `fastest_within` take a simpler or faster candidate that is
        nearly as good as the best. With `objectives`, the name of a metric takes the best of the front by it, and
        `knee_of_front` the knee.
    cv : int, cross-validation generator or iterable, default=None
        As in `RandomizedSearchCV`. All candidates meet the same folds.
    verbose : int, default=0
        1 shows a progress bar; 2 also a line for each improvement; 3 and more also the time and score of each fit, as
        in `RandomizedSearchCV`.
    pre_dispatch : int or str, default='2*n_jobs'
        Number of batches of fits that are sent to workers ahead of time.
    random_state : int, RandomState instance or None, default=None
        The same seed gives the same search, whatever `n_jobs`; None takes fresh entropy.
    error_score : 'raise' or numeric, default=np.nan
        Score of a fit that fails. With 'raise' the error ends the search.
    return_train_score : bool, default=False
        Whether `cv_results_` has training scores as well.
    max_time : float or None, default=None
        Seconds after which no further fit starts, not counting the refit. One candidate is always evaluated.
    target : float or None, default=None
        Stop when a candidate reaches this score or better.
    patience : int, 'auto' or None, default=None
        Stop after this many candidates without improvement. With 'auto', stop when what a model of the results deems
        possible exceeds the best by less than the standard error of its score; this is looked at from 20 candidates on,
        whenever there are a tenth more, and needs two folds or more.
    timeout : float or None, default=None
        Seconds that all fits of a candidate together may take; a candidate that takes longer fails. This is enforced by
        killing worker processes (with `n_jobs=1` too), so it needs joblib's backend loky (the default) or
        multiprocessing.
    window : int, default=8
        Number of candidates that may be under way at once. Candidate i is bred from the results of 0 to i - `window`,
        and at least of the first four fifths of those before it, in whatever order fits end; so the search does not
        depend on `n_jobs`. With five folds, the default keeps 8 workers busy; for more workers raise it to twice their
        number.
    racing : bool, default=False
        Whether to stop candidates that will almost surely not beat the best. Its folds run one after the other, each
        candidate beginning with another one, and are compared with those of the best. Stopped candidates have no
        `mean_test_score` and cannot win. With several metrics, the one that is evolved decides.
    surrogate : 'auto' or None, default='auto'
        How candidates are chosen. With 'auto', a model of the results so far chooses the most promising of some hundred
        offspring: each candidate up to 250 results, every other one up to 500. It takes about 4 ms for each
        candidate. With None, each child is evaluated.
    constraints : callable, list of callable or None, default=None
        Rules that the space cannot express. Each takes a dict of parameters and returns True if they are allowed.
        Forbidden candidates are never evaluated and do not count toward `n_iter`. Parameters of another dict of
        `param_distributions` are not in the dict.
    checkpoint : str, path-like or None, default=None
        File that records each candidate as soon as its last fit ends. If the search was killed or interrupted, or has
        ended, the same `fit` continues it and gives the result of an uninterrupted search; a larger `n_iter` extends
        it. Everything that determines the candidates or their scores must be unchanged: the estimator, the space, the
        arguments of `fit`, `cv`, `scoring`, `random_state` (None is drawn once and stored), and all parameters except
        `n_iter`, `max_time`, `target`, `patience`, `n_jobs`, `pre_dispatch`, `verbose`, `callbacks` and `refit`. A
        file holds one search, so `cross_val_score` cannot use it. See `load_history`.
    initial : dict, list of dict, fitted search, OptimizeResult, path or None, default=None
        Parameters to evaluate first, best first where they have scores: all of those in dicts, and of results of
        another search (itself, or its `cv_results_`) at most half of `n_iter`. A path is that of a checkpoint; its
        scores are reused if the estimator, data, folds and scoring are the same. After `fit`, a search given here is
        replaced by its parameters and scores.
    callbacks : Callback, list of Callback or None, default=None
        Called after each candidate; a callback can stop the search. See `Callback`. Not to be confused with
        scikit-learn's own callbacks (1.9), which are registered with `set_callbacks`.
    objectives : list of str or None, default=None
        Names of two or more metrics of `scoring` that are evolved at once; the result is `pareto_front_`. `patience`
        counts the candidates since one entered the front. `target`, `racing`, `resource` and ``patience="auto"`` are
        for a single score. `geneticsearch.scorers` has sizes and times to trade against.
    resource : str or None, default=None
        What candidates first have little of, as in `HalvingRandomSearchCV`: 'n_samples', the rows of a fold, or a
        parameter of the estimator with a whole number, such as 'n_estimators' or 'clf__max_iter', whose value in the
        estimator is the full amount. A candidate climbs a ladder, from rung to rung, until it will almost surely not be
        the best; only those that reach the other folds can win. Stopped candidates have no `mean_test_score`. Parts of
        the rows keep the shares of classes, whole groups if the splits do, and the last rows if splits are in order of
        time. With None, there is no ladder.
    min_resources : int or 'auto', default='auto'
        How much of the resource a candidate has first. 'auto' is the full amount divided by a power of `factor`, the
        largest that leaves 500 rows, and about 20 of each class, or 5 of a parameter. If there is none, there is no
        ladder, and a warning says so.
    factor : float, default=3
        How many times as much of the resource the next rung has.

    Attributes
    ----------
    cv_results_ : dict of numpy arrays
        As in `RandomizedSearchCV`, one row per candidate in the order of breeding, and with four more columns:
        ``generation`` (int), ``species`` (the structure of the candidate in words), ``parents`` (a tuple of row
        numbers) and ``origin`` (how it was bred: see `Individual`). With `racing` also ``n_splits_run``; scores of the
        splits that a stopped candidate did not run on and ``mean_test_score`` are NaN, and its rank comes after those
        of all complete candidates. With `resource` also ``n_splits_run`` and ``n_resources``, how much of the resource
        the candidate reached; times are NaN if no split ran. With `objectives` also ``pareto_rank``, which is 1 on the
        front, and ``hypervolume``: which share of the box around the front is dominated after each candidate.
    pareto_front_ : ndarray of int
        With `objectives`, the rows of `cv_results_` that none dominates, the best by the first objective first.
    species_ : dict of numpy arrays
        One row per species, the one with the best score first: ``species``, its structure in words; ``n_evaluations``,
        of which ``n_failed`` failed; ``best_score`` and ``best_params``; ``first`` and ``last``, the rows of
        `cv_results_` with its first and its last candidate.
    param_distributions_ : dict or list of dict
        The space that was searched: `param_distributions`, or what was suggested for 'auto'.
    best_estimator_ : estimator
        The estimator with the best parameters, fitted on all data; if `refit` is not False.
    best_score_ : float
        Mean score of the best candidate over the folds; not if `refit` is a callable.
    corrected_score_ : tuple of (float, float) or None
        The score of the best candidate without what is likely to be luck, for being the best of many noisy scores; and
        its standard error, as `value` and `error`. None with fewer than three candidates or two folds, and
        with `objectives`.
    best_params_ : dict
        Parameters of the best candidate.
    best_index_ : int
        Row of the best candidate in `cv_results_`.
    scorer_ : callable or dict of callable
        What scored the candidates; a dict of several metrics.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds that the refit took; if `refit` is not False.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        Labels of the classes; if `refit` is not False and the estimator is a classifier.
    n_features_in_ : int
        Number of features seen during `fit`; if `best_estimator_` has it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during `fit`; if `best_estimator_` has them.
    history_ : list of Individual
        The candidates, one for each row of `cv_results_`, with their genes, the score that was evolved (NaN if a fit
        failed) and the time of their evaluation. `number` and `parents` are rows.
    advice_ : list of str
        Advice on the result, as sentences (also printed if `verbose`): a best value at the edge of its range; a much
        faster candidate within one standard error of the best; by how much the best score is likely to be too good;
        since when nothing more was to be gained; a `resource` that misleads;
        parameters that do not seem to matter; species with too few candidates to judge.
    stop_reason_ : str
        What ended the search: "n_iter", "max_time", "target", "patience", "callback", or "exhausted" when everything
        in the space has been evaluated.

    See Also
    --------
    sklearn.model_selection.RandomizedSearchCV : Tries parameters at random.
    optimize : The same search for any function.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import SVC
    >>> from geneticsearch import GeneticSearchCV, LogUniformDistribution
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {"C": LogUniformDistribution(1e-3, 1e3), "kernel": ["linear", "rbf"]}
    >>> search = GeneticSearchCV(SVC(), space, n_iter=30, random_state=0).fit(X, y)
    >>> bool(search.best_score_ > 0.97)
    True
    """

    _parameter_constraints: dict[str, Any] = {  # noqa: RUF012  as in scikit-learn
        **StreamedSearchCV._parameter_constraints,
        "param_distributions": "no_validation",  # the space says better what is wrong
        "n_iter": [Integral],
        "population_size": [Integral],
        "random_state": ["random_state"],
        "max_time": [Real, None],
        "target": [Real, None],
        "patience": [Integral, str, None],
        "timeout": [Real, None],
        "window": [Integral],
        "racing": ["boolean"],
        "resource": [str, None],
        "min_resources": [Integral, str],
        "factor": [Real],
        "surrogate": [str, None],
        "constraints": "no_validation",  # as for the space
        "checkpoint": [str, os.PathLike, None],
        "initial": "no_validation",
        "callbacks": "no_validation",
        "objectives": "no_validation",
    }

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any,
        *,
        n_iter: int = 100,
        population_size: int = 10,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        random_state: Any = None,
        error_score: float | str = np.nan,
        return_train_score: bool = False,
        max_time: float | None = None,
        target: float | None = None,
        patience: int | str | None = None,
        timeout: float | None = None,
        window: int = SEARCH_WINDOW,
        racing: bool = False,
        surrogate: str | None = "auto",
        constraints: Any = None,
        checkpoint: str | os.PathLike[str] | None = None,
        initial: Any = None,
        callbacks: Any = None,
        objectives: Any = None,
        resource: str | None = None,
        min_resources: int | str = "auto",
        factor: float = 3,
    ) -> None:
        super().__init__(
            estimator=estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_distributions = param_distributions
        self.n_iter = n_iter
        self.population_size = population_size
        self.random_state = random_state
        self.max_time = max_time
        self.target = target
        self.patience = patience
        self.timeout = timeout
        self.window = window
        self.racing = racing
        self.surrogate = surrogate
        self.constraints = constraints
        self.checkpoint = checkpoint
        self.initial = initial
        self.callbacks = callbacks
        self.objectives = objectives
        self.resource = resource
        self.min_resources = min_resources
        self.factor = factor

    @fit_context
    def fit(self, X: Any, y: Any = None, **params: Any) -> GeneticSearchCV:
        """Search, and refit the best estimator on all data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data; of shape (n_samples, n_samples) for a precomputed kernel or distance.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Target; None for unsupervised learning.
        **params : dict
            Passed to the `fit` of the estimator, to the scorer and to the splitter, as in `RandomizedSearchCV`.

        Returns
        -------
        GeneticSearchCV
            This object.

        Raises
        ------
        ValueError, TypeError
            If a parameter is wrong, before the first fit; or if all fits failed.
        CheckpointError
            If the checkpoint belongs to another search, is damaged or in use; a ValueError.
        """
        for name in [name for name in vars(self) if name.endswith("_") and not name.endswith("__")]:
            delattr(self, name)
        run = CrossValidation(self, X, y, params)
        try:
            self._fit_stream(run, X, y, params)
        finally:
            run.close()
            self.initial = compact_results(self.initial)  # a fitted search would keep alive all that it began with
        if self.verbose:
            write_lines(self.advice_)
        return self

    @property
    def advice_(self) -> list[str]:
        return self._history_.advice

    @property
    def corrected_score_(self) -> CorrectedScore | None:
        return corrected_score(self._history_)

    @property
    def _repr_html_(self) -> Any:
        diagram = super()._repr_html_  # missing, as scikit-learn wants it, where it shows texts only
        return lambda: self._card() + diagram()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] = self._card() + bundle["text/html"]
        return bundle

    def _keep(self, run: CrossValidation, results: dict[str, Any]) -> None:
        self._data_shape = run.data_shape
        self.param_distributions_ = run.param_distributions
        self._space = run.space  # not what `param_distributions` may become
        self.history_ = list(run.found.individuals)
        self.species_ = species_table(run.found)
        self.stop_reason_ = run.stop_reason
        results.update(columns_of(self.history_))
        self._notes = tuple(run.notes)
        if self.resource is not None:
            results["n_resources"] = np.array([individual.n_resources for individual in self.history_])
        if self.racing or self.resource is not None:
            n_splits = len(run.results[0])
            results["n_splits_run"] = np.array([n_splits - individual.n_skipped for individual in self.history_])
        if run.found.objectives:
            self.pareto_front_ = run.found.front
            results.update({"pareto_rank": run.found.pareto_ranks, "hypervolume": run.found.hypervolume})
        self.cv_results_ = results  # already here, so that nothing is lost if the refit fails or is interrupted
