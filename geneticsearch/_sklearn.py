"""Every private name of scikit-learn that we touch, and every difference between its versions; nothing else."""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, takewhile
from typing import Any, Protocol, TypeVar

import numpy as np
from sklearn import get_config
from sklearn.base import _fit_context
from sklearn.model_selection import _search
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import validation

from geneticsearch._errors import ArgumentError
from geneticsearch.callbacks import write_lines
from geneticsearch.checkpoint import Result
from geneticsearch.evaluation import Call, Failure
from geneticsearch.results import History

Method = TypeVar("Method", bound=Callable[..., Any])

FitResult = dict[str, Any]
"""What scikit-learn's `_fit_and_score` returns."""


def fit_context(method: Method) -> Method:
    """Validate the parameters of an estimator by its `_parameter_constraints` before `method`, its fit."""
    decorated: Method = _fit_context(prefer_skip_nested_validation=False)(method)
    return decorated


class Run(Protocol):
    """One `fit` of a `StreamedSearchCV`: decides which candidates are fitted, while fits are under way.

    Attributes
    ----------
    n_candidates : int
        Greatest number of candidates.
    numbers : list of int
        After the run, those of them that have been evaluated.
    results : list of list of dict
        The results of their fits; None for a fit that a race or a ladder made unnecessary.
    found : History
        What became of them, numbered as rows of `cv_results_`.
    error : BaseException or None
        What ended the run, if it did not end by itself.
    """

    n_candidates: int
    numbers: list[int]
    results: list[list[FitResult | None]]
    found: History
    error: BaseException | None

    def run(self, fits: Fits) -> None:
        """Take from the stream of fits what is to be fitted; raise if nothing has been."""

    def check(self) -> None:
        """Raise if no candidate has a score; fits that raised errors are left to scikit-learn."""


_current_run: ContextVar[Run] = ContextVar("geneticsearch_run")
"""The run of the `fit` in progress. It is kept off the search object, which scikit-learn 1.9 sends to every worker."""


class StreamedSearchCV(BaseSearchCV):  # type: ignore[misc]  # scikit-learn is untyped
    """A search whose candidates are decided while their fits run.

    `BaseSearchCV.fit` does everything that a search does around its fits: splitting, routing, scoring, refitting,
    callbacks. It is run as the installed scikit-learn has it, from a copy of the function whose globals have another
    `Parallel`: nothing is patched for anyone else.
    """

    # For scikit-learn 1.5, whose checks construct estimators by what this says.
    _required_parameters = ("estimator", "param_distributions")

    def _fit_stream(self, run: Run, X: Any, y: Any, params: dict[str, Any]) -> None:
        token = _current_run.set(run)
        try:
            _base_search_fit(run)(self, X, y, **params)
        finally:
            _current_run.reset(token)

    def _keep(self, run: Any, results: dict[str, Any]) -> None:
        """Set attributes, and add columns to `results`, as soon as there are any."""
        raise NotImplementedError

    def _run_search(self, evaluate_candidates: Any, *, callback_ctx: Any = None) -> None:
        run = _current_run.get()
        candidates: list[dict[str, Any]] = [{} for _ in range(run.n_candidates)]
        if callback_ctx is None:  # scikit-learn before 1.9
            results = evaluate_candidates(candidates)
        else:
            context = callback_ctx.subcontext(
                task_name="search", max_subtasks=len(candidates) * self.n_splits_, sequential_subtasks=False
            ).call_on_fit_task_begin(estimator=self)
            results = evaluate_candidates(candidates, callback_ctx=context)
            context.call_on_fit_task_end(estimator=self)
        if run.error is not None:
            if run.found.best is not None:
                self._keep_best(results)
            raise run.error

    def _format_results(
        self, candidate_params: list[Any], n_splits: int, out: list[Any], more_results: Any = None
    ) -> dict[str, Any]:
        run = _current_run.get()
        # Candidates that were never evaluated may be anywhere; `_Parallel` has padded their results at the end.
        candidate_params[:] = [candidate_params[number] for number in run.numbers]
        del out[len(run.numbers) * n_splits :]
        with warnings.catch_warnings():
            if any(None in of_candidate for of_candidate in run.results):  # was stopped, which is no failure
                warnings.filterwarnings("ignore", "One or more of the .* scores are non-finite")
            results: dict[str, Any] = super()._format_results(candidate_params, n_splits, out, more_results)
        self._keep(run, results)
        return results

    def _keep_best(self, results: dict[str, Any]) -> None:
        """Set the attributes that `fit` sets after a search, for one that was interrupted."""
        self.multimetric_ = "mean_test_score" not in results
        metric = self.refit if self.multimetric_ else "score"
        if self.refit or not self.multimetric_:
            self.best_index_ = self._select_best_index(self.refit, metric, results)
            if not callable(self.refit):
                self.best_score_ = results[f"mean_test_{metric}"][self.best_index_]
            self.best_params_ = results["params"][self.best_index_]

    @staticmethod
    def _select_best_index(refit: Any, refit_metric: str, results: dict[str, Any]) -> int:
        """Select the first of the candidates with the best score; one that failed never is, whatever its score.

        By several objectives, the best of the front by the metric that `refit` names.
        """
        if callable(refit):
            index: int = BaseSearchCV._select_best_index(refit, refit_metric, results)
            if _current_run.get().found.individuals[index].n_skipped:
                raise ArgumentError(
                    f"`refit` must choose a candidate that ran on all folds; got {index}, which was stopped. Choose "
                    'by `cv_results_["rank_test_score"]`, or among those whose `mean_test_score` is not NaN.'
                )
            return index
        found = _current_run.get().found
        if found.objectives:
            scores = np.nan_to_num(results[f"mean_test_{refit_metric}"][found.front], nan=-np.inf)
            return int(found.front[np.argmax(scores)])
        return int(found.ranking[0])


class Fits:
    """scikit-learn's stream of fits, candidate by candidate.

    Attributes
    ----------
    n_jobs, pre_dispatch : object
        As the search has them.
    folds : list of (ndarray, ndarray)
        What each candidate is trained and tested on.
    """

    def __init__(self, tasks: Any, first: Call, n_jobs: int | None, pre_dispatch: int | str) -> None:
        self.n_jobs, self.pre_dispatch = n_jobs, pre_dispatch
        n_splits = first[2]["split_progress"][1]
        calls = [first, *islice(tasks, n_splits - 1)]
        self.folds = [(call[2]["train"], call[2]["test"]) for call in calls]
        self._tasks = chain(calls, tasks)

    def calls_of(self, number: int, params: dict[str, Any], folds: Any, caller: Any) -> list[Call]:
        """Return the fits of the next candidate, one per fold, with its parameters filled in.

        Parameters
        ----------
        number : int
            Its number.
        params : dict
            Its parameters.
        folds : list of (ndarray, ndarray)
            Where to train and to test.
        caller : object
            What travels with the fits instead of the search itself, from scikit-learn 1.9 on.
        """
        calls = list(islice(self._tasks, len(self.folds)))
        if any(_owner(call) != number for call in calls):
            self._raise_inconsistent(calls, number)
        for call, (train, test) in zip(calls, folds, strict=True):
            _set_config(call)
            options = call[2]
            if options["verbose"] == 2:  # it has a line for each improvement instead
                options["verbose"] = 1
            if "caller" in options:
                options["caller"] = caller
            options["train"], options["test"] = train, test
        calls[0][2]["parameters"].update(params)  # one dict, shared by the folds and by scikit-learn's own list
        if calls[0][2]["verbose"] > 2:
            return [(_Printing(function), args, options) for function, args, options in calls]
        return calls

    def _raise_inconsistent(self, calls: list[Call], number: int) -> None:
        """Raise what scikit-learn does, in versions that do not see it themselves."""
        owner, n_splits = _owner(calls[0]), len(self.folds)
        rest = takewhile(lambda call: _owner(call) == owner, chain(calls, self._tasks))
        n_found = sum(1 for _ in rest) + (n_splits if owner < number else 0)
        raise ValueError(
            f"cv.split and cv.get_n_splits returned inconsistent results. Expected {n_splits} splits, got {n_found}"
        )


@dataclass(frozen=True)
class _Printing:
    """A fit that prints a line, and is done again without where nothing can be written."""

    fit: Callable[..., Any]

    def __call__(self, *args: Any, **options: Any) -> Any:
        try:
            return self.fit(*args, **options)
        except (OSError, ValueError):
            return self.fit(*args, **{**options, "verbose": 0})


class _Parallel:
    """Stands in for `joblib.Parallel` in one fit: hands the stream of fits over to the run."""

    def __init__(self, run: Run, n_jobs: int | None, pre_dispatch: int | str) -> None:
        self._run = run
        self._options = n_jobs, pre_dispatch

    def __enter__(self) -> _Parallel:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, tasks: Any) -> list[FitResult]:
        tasks = iter(tasks)
        first = next(tasks, None)
        if first is None:
            return []  # scikit-learn says why
        fits = Fits(tasks, first, *self._options)
        with warnings.catch_warnings():  # fits in several threads may leave each other's filters behind
            self._run.run(fits)
        results = [result for of_candidate in _complete(self._run.results) for result in of_candidate]
        # Before 1.9 scikit-learn insists on one result per fit that it planned.
        padding = [results[0]] * (self._run.n_candidates * len(fits.folds) - len(results))
        return results + padding


def _complete(results: list[list[FitResult | None]]) -> list[list[FitResult]]:
    """Return the results of candidates, without scores for the splits that a race or a ladder made unnecessary.

    Times are those of the other splits of a candidate; if there are none, they are unknown.
    """

    def without(value: Any) -> Any:
        return dict.fromkeys(value, np.nan) if isinstance(value, dict) else np.nan

    def fill(of_candidate: list[FitResult | None]) -> list[FitResult]:
        known = [result for result in of_candidate if result is not None]
        if len(known) == len(of_candidate):
            return known
        like = known[0] if known else next(filter(None, chain.from_iterable(results)))
        missing = {name: without(value) if name.endswith("_scores") else value for name, value in like.items()}
        for name in "fit_time", "score_time":
            missing[name] = float(np.mean([result[name] for result in known])) if known else np.nan
        return [missing if result is None else result for result in of_candidate]

    return [fill(of_candidate) for of_candidate in results]


def _base_search_fit(run: Run) -> Callable[..., Any]:
    """Return `BaseSearchCV.fit` for a run."""
    original = BaseSearchCV.fit
    function: Any = getattr(original, "__wrapped__", original)

    def check(_: list[FitResult], error_score: Any) -> None:
        if run.error is None or run.found.best is not None:
            fits = [result for results in run.results for result in results if result is not None]
            _search._warn_or_raise_about_fit_failures(fits, error_score)
        if run.error is None:
            run.check()

    namespace = {
        **function.__globals__,
        "Parallel": partial(_Parallel, run),
        "print": lambda text: write_lines([text], file=sys.stdout),  # a full or closed one does not end the search
        "_warn_or_raise_about_fit_failures": check,
    }
    return types.FunctionType(
        function.__code__, namespace, function.__name__, function.__defaults__, function.__closure__
    )


def _owner(call: Call) -> int:
    """Return the number of the candidate that scikit-learn made a call for."""
    owner: int = call[2]["candidate_progress"][0]
    return owner


class _FailedFit(FitResult):
    """The result of a fit that failed, as `_fit_and_score` returns it, and how it failed, as in a `Result`."""

    def __init__(self, result: FitResult, reason: str, cause: str) -> None:
        super().__init__(result, fit_error=reason)
        self.cause = cause


def failed_fit(call: Call, failure: Failure) -> FitResult:
    """Return what `_fit_and_score` would, had the fit ended with an error inside of it."""
    options = call[2]
    if not hasattr(options["test"], "__len__"):  # a slice, say, of which scikit-learn knows better what is wrong
        raise failure.error
    names = getattr(options["scorer"], "_scorers", None)  # of several metrics, unless a function returns them
    scores = options["error_score"] if names is None else dict.fromkeys(names, options["error_score"])
    result = {"test_scores": scores, "n_test_samples": len(options["test"]), "fit_time": 0.0, "score_time": 0.0}
    if options["return_train_score"]:
        result["train_scores"] = scores
    return _FailedFit(result, failure.text, failure.cause)


def without_score(result: FitResult, reason: str, error_score: Any) -> FitResult:
    """Return the result of a fit as that of a failed one, since its score is not finite."""
    score = error_score if error_score != "raise" else float("nan")
    scores = result["test_scores"]
    scores = dict.fromkeys(scores, score) if isinstance(scores, dict) else score
    return _FailedFit({**result, "test_scores": scores}, reason, "value")


def has_failed(result: FitResult) -> bool:
    """Return whether a fit has failed."""
    return result["fit_error"] is not None


def pack(result: FitResult) -> Result:
    """Return the result of a fit as it is recorded."""
    reason = result["fit_error"]
    return Result(
        scores=_as_floats(result["test_scores"]),
        error=reason,
        cause=None if reason is None else getattr(result, "cause", "exception"),
        train_scores=_as_floats(result["train_scores"]) if "train_scores" in result else None,
        fit_time=float(result["fit_time"]),
        score_time=float(result["score_time"]),
        n_test_samples=int(result["n_test_samples"]),
    )


def unpack(result: Result) -> FitResult:
    """Return the result of a fit that was recorded."""
    if result.fit_time is None or result.score_time is None or result.n_test_samples is None:
        raise ValueError("the result is not that of a fit.")
    fit: FitResult = {
        "fit_error": result.error,
        "test_scores": result.scores,
        "n_test_samples": result.n_test_samples,
        "fit_time": result.fit_time,
        "score_time": result.score_time,
    }
    if result.train_scores is not None:
        fit["train_scores"] = result.train_scores
    return fit if result.error is None else _FailedFit(fit, result.error, result.cause or "exception")


def _as_floats(scores: Any) -> Any:
    return {name: float(one) for name, one in scores.items()} if isinstance(scores, dict) else float(scores)


def light_caller(search: Any) -> Any:
    """Return what can travel with each fit in the place of a search: without what only this process needs."""
    if search.initial is None and search.callbacks is None:
        return search
    caller = copy(search)
    caller.initial = caller.callbacks = None
    return caller


def why_no_score(call: Call) -> str:
    """Fit and score once more, and return why that gives no score."""
    function, args, options = call
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function(*args, **{**options, "error_score": "raise", "verbose": 0})
        except Exception as error:
            return Failure(error).text
    messages = dict.fromkeys(str(warning.message) for warning in caught)
    return "\n".join([f"The scores are {result['test_scores']}.", *messages])


def _set_config(call: Call) -> None:
    """Give scikit-learn's delayed function the configuration and warning filters of this thread."""
    function: Any = call[0]
    if hasattr(function, "with_config_and_warning_filters"):  # scikit-learn 1.7 and later
        filters = getattr(warnings, "_get_filters", lambda: warnings.filters)()
        function.with_config_and_warning_filters(get_config(), filters)
    else:
        function.with_config(get_config())


class TakesAnyTable:
    """What a transformer says of itself that looks at no value: tables may be sparse, hold words, or lack values."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]  # of scikit-learn's base class
        tags.input_tags.sparse = tags.input_tags.string = tags.input_tags.allow_nan = True
        return tags

    def _more_tags(self) -> dict[str, Any]:  # scikit-learn 1.5
        return {"X_types": ["2darray", "sparse", "string"], "allow_nan": True}


class TakesTablesOfEstimator:
    """What a transformer says of itself that gives tables to its `estimator`."""

    def __sklearn_tags__(self) -> Any:
        tags, inner = super().__sklearn_tags__(), self.estimator.__sklearn_tags__()  # type: ignore[misc,attr-defined]
        tags.input_tags, tags.target_tags.required = inner.input_tags, inner.target_tags.required
        return tags

    def _more_tags(self) -> dict[str, Any]:  # scikit-learn 1.5
        tags = self.estimator._get_tags()  # type: ignore[attr-defined]
        return {name: tags[name] for name in ("X_types", "allow_nan", "requires_y")}


def look_at(estimator: Any, X: Any, reset: bool) -> None:
    """Note the number and names of columns, or check that they are the same; check that an array is a table.

    DataFrames are taken as they are: if columns are of several kinds, a check would copy them.
    """
    is_frame, is_old = hasattr(X, "iloc"), not hasattr(validation, "validate_data")
    if is_old and is_frame:  # scikit-learn 1.5
        estimator._check_feature_names(X, reset=reset)
        estimator._check_n_features(X, reset=reset)
    elif is_old:
        tags = estimator._get_tags()
        dtype = None if "string" in tags["X_types"] else "numeric"
        estimator._validate_data(
            X, reset=reset, dtype=dtype, accept_sparse=True, force_all_finite=not tags["allow_nan"]
        )
    elif is_frame:
        validation.validate_data(estimator, X, reset=reset, skip_check_array=True)
    else:
        tags = estimator.__sklearn_tags__().input_tags
        dtype, formats = None if tags.string else "numeric", "csr" if tags.sparse else False
        options = {"dtype": dtype, "accept_sparse": formats, "ensure_all_finite": not tags.allow_nan}
        validation.validate_data(estimator, X, reset=reset, **options)
