"""A candidate is as many fits as there are folds."""

from __future__ import annotations

import math
import warnings
from contextvars import ContextVar
from copy import copy
from dataclasses import replace
from functools import partial
from itertools import chain, islice, takewhile
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone

from geneticsearch._errors import ArgumentError, check_number
from geneticsearch._sklearn import fail_result, failed_fit, set_caller, set_config
from geneticsearch.callbacks import Watchers
from geneticsearch.checkpoint import (
    Beginning,
    CheckpointError,
    Identity,
    WarmStart,
    begin,
    decode_split,
    describe,
    encode_split,
    fingerprint,
    identify,
    identify_space,
    shorten,
)
from geneticsearch.evaluation import Call, Failure, Limits, evaluate, pooled_or_here
from geneticsearch.evolution import GeneticOptimizer, Individual, draw_seed
from geneticsearch.results import one_standard_error
from geneticsearch.space import Space

if TYPE_CHECKING:
    from geneticsearch._search import GeneticSearchCV

_current_run: ContextVar[_Run] = ContextVar("geneticsearch_run")
"""The run of the `fit` in progress. It is kept off the search object, which scikit-learn 1.9 sends to every worker."""


class _Run:
    """One `fit`: a problem whose calls are scikit-learn's own, one per fold."""

    def __init__(self, search: GeneticSearchCV, fit_params: dict[str, Any]) -> None:
        space = Space(search.param_distributions, name="param_distributions")
        check_number("population_size", search.population_size, low=1, integer=True)
        check_number("generation_count", search.generation_count, low=1, integer=True)
        n_iter = search.population_size * search.generation_count if search.n_iter is None else search.n_iter
        self._limits = Limits(n_iter, search.max_time, search.target, search.patience, search.timeout)
        self._make_optimizer = partial(
            GeneticOptimizer,
            space,
            population_size=search.population_size,
            window=search.window,
            surrogate=search.surrogate,
            constraints=search.constraints,
            maximize=True,
        )
        self._drawn_seed = draw_seed(search.random_state)
        optimizer = self._make_optimizer(seed=self._drawn_seed, budget=n_iter)  # tells mistakes at once
        _check_names(search.estimator, space)
        _check_complexity(search.refit, space)
        self.space = space
        self._search = search
        self._caller: GeneticSearchCV | None = None
        if search.initial is not None or search.callbacks is not None:  # they would go to the workers with each fit
            self._caller = copy(search)
            self._caller.initial = self._caller.callbacks = None
        self._fit_params = fit_params
        self._refit = search.refit
        self._error_score = search.error_score
        self.n_candidates = int(min(n_iter, optimizer.size))
        self._watchers = Watchers(search.callbacks, search.verbose)
        self.stop_reason = ""
        self.interruption: BaseException | None = None
        self._tasks: Any = None
        self._n_splits = 1
        self._splits: list[tuple[np.ndarray, np.ndarray]] | None = None
        self._individuals: dict[int, Individual] = {}
        self._results: dict[int, list[dict[str, Any]]] = {}
        self._scores: dict[int, float] = {}
        self.rows: list[int] = []

    # ------------------------------------------------------------------------------ standing in for joblib.Parallel

    def parallel(self, n_jobs: int | None, pre_dispatch: int | str) -> _Run:
        """Take the place of `Parallel(n_jobs, pre_dispatch)`."""
        self._n_jobs, self._pre_dispatch = n_jobs, pre_dispatch
        return self

    def __enter__(self) -> _Run:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def __call__(self, tasks: Any) -> list[dict[str, Any]]:
        """Run the search on scikit-learn's stream of fits, whose parameters are filled in as candidates are bred."""
        tasks = iter(tasks)
        first = next(tasks, None)
        if first is None:
            return []  # scikit-learn says why
        self._n_splits = first[2]["split_progress"][1]
        of_first = [first, *islice(tasks, self._n_splits - 1)]
        self._tasks = chain(of_first, tasks)
        make_workers = partial(pooled_or_here, self._n_jobs, self._pre_dispatch, self._limits.timeout)
        beginning = self._begin(of_first)
        try:
            with warnings.catch_warnings():  # fits in several threads may leave each other's filters behind
                outcome = evaluate(
                    beginning.optimizer, self, make_workers, self._limits, self._watchers, beginning.memory
                )
            self.stop_reason = outcome.stop_reason
            self._results = {n: results for n, results in self._results.items() if n < outcome.n_kept}
        except BaseException as error:
            if not self._results:
                raise
            self.interruption = error
            self.stop_reason = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        finally:
            beginning.close()
        self.rows = sorted(self._results)
        results = [result for number in self.rows for result in self._results[number]]
        # Before 1.9 scikit-learn insists on one result per fit that it planned.
        padding = [results[0]] * (self.n_candidates * self._n_splits - len(results))
        return results + padding

    def _begin(self, calls: list[Call]) -> Beginning:
        """Open the checkpoint; `calls` are those of one candidate, and hold the data and the folds."""
        search = self._search
        n_iter = self._limits.n_iter
        start = WarmStart(search.initial, self.space, n_iter, True, _evolved_metric(search), search.constraints)
        splits = [(call[2]["train"], call[2]["test"]) for call in calls]
        is_drawn = search.cv is None or isinstance(search.cv, Integral) or hasattr(search.cv, "split")
        is_needed = is_drawn and (search.checkpoint is not None or start.path is not None)
        folds = [encode_split(*split) for split in splits] if is_needed else None
        _, X, y = calls[0][1]
        data = {"X": X, "y": y, **{f"the argument {name!r} of fit": one for name, one in self._fit_params.items()}}
        beginning = begin(
            search.checkpoint,
            start,
            self._make_optimizer,
            lambda: _identify(search, self.space, data, search.cv if is_drawn else splits),
            seed=search.random_state,
            drawn_seed=self._drawn_seed,
            budget=n_iter,
            folds=folds,
        )
        if beginning.folds != folds:
            try:
                self._splits = [decode_split(split) for split in beginning.folds]
                self._splits[self._n_splits - 1]
            except (TypeError, ValueError, LookupError):
                beginning.close()
                raise CheckpointError(
                    f"`checkpoint` must hold {self._n_splits} folds; those of {search.checkpoint!r} cannot be read."
                ) from None
        return beginning

    def tell_failures(self, warn_or_raise: Any, results: list[dict[str, Any]], error_score: Any) -> None:
        """Take the place of scikit-learn's warning of failed fits, which is an error if all of them failed."""
        results = results[: len(self.rows) * self._n_splits]
        if self.interruption is None or not self.failed_rows().all():
            warn_or_raise(results, error_score)

    # -------------------------------------------------------------------------------------- standing in as a problem

    def calls(self, individual: Individual) -> list[Call]:
        first = next(self._tasks)
        calls = [first, *islice(self._tasks, self._n_splits - 1)]
        if any(_owner(call) != individual.number for call in calls):
            owner = _owner(first)
            rest = takewhile(lambda call: _owner(call) == owner, chain(calls, self._tasks))
            n_found = sum(1 for _ in rest) + (self._n_splits if owner < individual.number else 0)
            raise ValueError(
                "cv.split and cv.get_n_splits returned inconsistent results. "
                f"Expected {self._n_splits} splits, got {n_found}"
            )
        for fold, call in enumerate(calls):
            set_config(call)
            if call[2]["verbose"] == 2:  # it has a line for each improvement instead
                call[2]["verbose"] = 1
            if self._caller is not None:
                set_caller(call, self._caller)
            if self._splits is not None:  # those that the candidates before the interruption met
                call[2]["train"], call[2]["test"] = self._splits[fold]
        first[2]["parameters"].update(individual.params)  # one dict, shared by the folds and by scikit-learn's own list
        return calls

    def failed(self, call: Call, failure: Failure) -> dict[str, Any]:
        if self._error_score == "raise":
            raise failure.error
        return failed_fit(call, failure.error)

    def score(self, individual: Individual, results: list[dict[str, Any]]) -> float:
        self._results[individual.number] = results
        self._individuals[individual.number] = individual
        self._scores[individual.number] = math.nan
        metrics = [self._metric(result["test_scores"]) for result in results]
        for result, metric in zip(results, metrics, strict=True):
            if math.isinf(metric) and result["fit_error"] is None:
                fail_result(result, f"The score is {metric}.", self._error_score)
        if any(result["fit_error"] is not None for result in results):
            return math.nan
        self._scores[individual.number] = float(np.mean(metrics))
        return self._scores[individual.number]

    def to_record(self, result: dict[str, Any]) -> dict[str, Any]:
        record: dict[str, Any] = {ours: result[theirs] for ours, theirs in RECORDED.items() if theirs in result}
        for name in ("scores", "train"):
            if name in record:
                scores = record[name]
                is_dict = isinstance(scores, dict)
                record[name] = {key: float(one) for key, one in scores.items()} if is_dict else float(scores)
        reason = record["error"]
        times = {name: float(record[name]) for name in ("fit", "score")}
        return {**record, **times, "error": reason and shorten(reason), "n": int(record["n"])}

    def from_record(self, record: dict[str, Any]) -> dict[str, Any]:
        result = {theirs: record[ours] for ours, theirs in RECORDED.items() if ours in record}
        for name in {"test_scores", "train_scores"} & set(result):
            scores = result[name]
            is_dict = isinstance(scores, dict)
            result[name] = {str(key): float(one) for key, one in scores.items()} if is_dict else float(scores)
        times = {name: float(result[name]) for name in ("fit_time", "score_time")}
        reason = result["fit_error"]
        return {
            **result,
            **times,
            "fit_error": None if reason is None else str(reason),
            "n_test_samples": int(result["n_test_samples"]),
        }

    def _metric(self, scores: Any) -> float:
        """Return the metric that is evolved."""
        if not isinstance(scores, dict):
            return float(scores)
        name = self._refit if isinstance(self._refit, str) and self._refit in scores else next(iter(scores))
        return float(scores[name])

    # ---------------------------------------------------------------------------------------------------- the results

    def failed_rows(self) -> np.ndarray:
        """Return a mask of the candidates of which a fit failed."""
        return np.array([any(r["fit_error"] is not None for r in self._results[number]) for number in self.rows])

    def history(self) -> list[Individual]:
        """Return the candidates as rows of `cv_results_`, with scores."""
        row_of = {number: row for row, number in enumerate(self.rows)}
        return [
            replace(
                self._individuals[number],
                number=row,
                parents=tuple(row_of[parent] for parent in self._individuals[number].parents),
                score=self._scores[number],
            )
            for number, row in row_of.items()
        ]


def _columns(individuals: list[Individual]) -> dict[str, np.ndarray]:
    """Return our own columns of `cv_results_`."""
    parents = np.empty(len(individuals), dtype=object)  # tuples of different lengths make no other array
    parents[:] = [individual.parents for individual in individuals]
    return {
        "generation": np.array([individual.generation for individual in individuals]),
        "species": np.array([individual.species for individual in individuals], dtype=object),
        "parents": parents,
        "origin": np.array([individual.origin for individual in individuals], dtype=object),
    }


RECORDED = {
    "scores": "test_scores",
    "train": "train_scores",
    "error": "fit_error",
    "fit": "fit_time",
    "score": "score_time",
    "n": "n_test_samples",
}
"""What a checkpoint calls the parts of a fit's result."""


def _evolved_metric(search: GeneticSearchCV) -> str | None:
    """Return the name of the metric that is evolved, where that is known before the first fit."""
    if isinstance(search.refit, str):
        return search.refit
    is_many = isinstance(search.scoring, list | tuple | dict)
    return str(next(iter(search.scoring), None)) if is_many else None


def _identify(search: GeneticSearchCV, space: Space, data: dict[str, Any], cv: Any) -> tuple[Identity, Identity]:
    """Return what shapes which candidates there are, and what shapes their scores."""
    shape = {
        "population_size": int(search.population_size),
        "window": int(search.window),
        "surrogate": search.surrogate,
        "constraints": search.constraints,
        "the metric that is evolved": _evolved_metric(search),
    }
    evaluation = {"the estimator": fingerprint(type(search.estimator))}
    for name, value in sorted(search.estimator.get_params(deep=True).items()):
        one = type(value) if hasattr(value, "get_params") and not isinstance(value, type) else value
        evaluation[f"the estimator's parameter {name!r}"] = fingerprint(one, describe(value))
    # The parts say what differs; the whole makes sure of what they leave out.
    evaluation["the estimator, as a whole"] = fingerprint(search.estimator, type(search.estimator).__name__)
    text = f"{len(cv)} splits" if isinstance(cv, list) else describe(cv)
    evaluation["cv"] = fingerprint(_without_generators(cv) if hasattr(cv, "split") else cv, text)
    names = ("scoring", "error_score", "return_train_score", "timeout")
    evaluation |= identify({**data, **{name: getattr(search, name) for name in names}})
    return {**identify_space("param_distributions", space), **identify(shape)}, evaluation


def _without_generators(splitter: Any) -> list[Any]:
    """Return what a splitter is, its generator as no more than a kind: the folds drawn from it are remembered."""
    generators = np.random.RandomState | np.random.Generator
    state = {name: type(v) if isinstance(v, generators) else v for name, v in vars(splitter).items()}
    return [type(splitter), state]


def _owner(call: Call) -> int:
    """Return the number of the candidate that scikit-learn made a call for."""
    owner: int = call[2]["candidate_progress"][0]
    return owner


def _check_names(estimator: Any, space: Space) -> None:
    """Raise if the estimator has no parameters of the names in the space."""
    if not hasattr(estimator, "get_params") or not hasattr(estimator, "set_params"):
        return  # scikit-learn says what is wrong
    for alternative in space.examples(n=10):
        refused = []
        for params in alternative:
            try:
                clone(estimator).set_params(**clone(params, safe=False))
            except ValueError as error:  # which is what scikit-learn raises for an unknown name
                refused.append(error)
            except Exception:  # an estimator with its own opinions: let its fits tell
                break
            else:
                break
        if len(refused) == len(alternative):
            raise refused[0]


def _check_complexity(refit: Any, space: Space) -> None:
    """Raise if a winner is to be chosen by a parameter that no candidate has."""
    if isinstance(refit, one_standard_error) and isinstance(refit.complexity, str):
        names = sorted({name for alternative in space.examples(n=1) for params in alternative for name in params})
        if refit.complexity not in names:
            raise ArgumentError(
                f"`complexity` of `refit` must be a parameter in `param_distributions`; got {refit.complexity!r}. "
                f"There are {names}."
            )
