"""A candidate is as many fits as there are folds."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning

from geneticsearch._errors import ArgumentError, warn
from geneticsearch._resource import Rungs, read_resource
from geneticsearch._sklearn import (
    FitResult,
    Fits,
    failed_fit,
    has_failed,
    light_caller,
    pack,
    unpack,
    why_no_score,
    without_score,
)
from geneticsearch.callbacks import Watchers
from geneticsearch.checkpoint import (
    Identity,
    Result,
    folds_to_meet,
    identify,
    identify_cv,
    identify_estimator,
    identify_space,
    new_header,
    read_initial,
)
from geneticsearch.evaluation import Call, Failure, Ladder, Limits, Race, Runner, check_timeout, pooled_or_here
from geneticsearch.evolution import GeneticOptimizer, Individual, make_generator
from geneticsearch.results import History, one_standard_error, standard_error
from geneticsearch.space import Genes, Space
from geneticsearch.suggest import suggest_initial, suggest_space

LADDER_SEED = 14
"""Sets the generator that draws rows apart from that of the search."""

WHOLE_NUMBERS = "For a parameter that takes whole numbers only, give its distribution `q=1`. "


class CrossValidation:
    """One `fit`: a problem whose calls are scikit-learn's own, one per fold; a `Run` of its stream of fits."""

    def __init__(self, search: Any, X: Any, y: Any, fit_params: dict[str, Any]) -> None:
        self.data_shape = tuple(X.shape[:2]) if hasattr(X, "shape") else (len(X),) if hasattr(X, "__len__") else ()
        self.param_distributions, first = _what_to_search(search, X, y)
        self.space = Space(self.param_distributions, name="param_distributions")
        self._limits = Limits(search.n_iter, search.max_time, search.target, search.patience)
        check_timeout(search.timeout)
        _check_names(search.estimator, self.space)
        _check_complexity(search.refit, self.space)
        self._objectives = _read_objectives(search)
        self._watchers = Watchers(search.callbacks, search.verbose)
        self._refit, self._error_score, self._timeout = search.refit, search.error_score, search.timeout
        self._caller = light_caller(search)
        self._initial = read_initial(
            search.initial,
            self.space,
            search.n_iter,
            metric=_evolved_metric(search),
            constraints=search.constraints,
            checkpoint=search.checkpoint,
        )
        portfolio = [self.space.encode(params, exact=True) for params in first]
        self._is_compared = search.checkpoint is not None or self._initial.header is not None
        data = {"X": X, "y": y, **{f"the argument {name!r} of fit": value for name, value in fit_params.items()}}
        header = new_header(
            self._initial,
            self.space,
            partial(_identify, search, self.space, portfolio, data) if self._is_compared else None,
            seed=search.random_state,
            budget=search.n_iter,
            metric=_evolved_metric(search),
            objectives=[(name, True) for name in self._objectives],
        )
        make_optimizer = partial(
            GeneticOptimizer,
            self.space,
            population_size=search.population_size,
            window=search.window,
            surrogate=search.surrogate,
            constraints=search.constraints,
            maximize=not self._objectives,
            objectives=["max"] * len(self._objectives) or None,
            portfolio=portfolio,
        )
        self._resource = read_resource(search, self.space)
        self._rungs: Rungs | None = None
        self._is_raced = search.racing
        self._make_rungs = partial(Rungs, estimator=search.estimator, y=y, groups=fit_params.get("groups"))
        self._cv = search.cv
        self._runner = Runner(search.checkpoint, header, self.space, make_optimizer)
        self.n_candidates = int(min(search.n_iter, self._runner.optimizer.size))
        self.numbers: list[int] = []
        self.results: list[list[FitResult | None]] = []
        self.notes: list[str] = []
        self.found = History([], maximize=True)
        self.error: BaseException | None = None

    def close(self) -> None:
        """Let others have the checkpoint."""
        self._runner.close()

    def run(self, fits: Fits) -> None:
        """Evaluate candidates; raise only if there is none."""
        self._fits = fits
        self._folds = folds_to_meet(self._runner.header, fits.folds, self._cv)
        if self._limits.patience == "auto" and len(self._folds) < 2:
            raise ArgumentError(
                "`patience='auto'` needs two folds or more, to know how noisy scores are; `cv` has one."
            )
        are_folds = all(hasattr(part, "__len__") for fold in fits.folds for part in fold)  # or else a fit says why not
        folds = fits.folds if self._is_compared and are_folds else None
        make_workers = partial(pooled_or_here, fits.n_jobs, fits.pre_dispatch, self._timeout)
        runner, race = self._runner, self._make_race(are_folds)
        runner.run(self, make_workers, self._limits, self._watchers, self._initial, folds, race)
        self.error = runner.error
        if self.error is not None and not runner.results:
            raise self.error
        self.numbers = [individual.number for individual in runner.individuals]
        self.results = runner.results
        row_of = {number: row for row, number in enumerate(self.numbers)}
        rows = [
            replace(one, number=row_of[one.number], parents=tuple(row_of[parent] for parent in one.parents))
            for one in runner.individuals
        ]
        self.found = History(rows, maximize=True, objectives=dict.fromkeys(self._objectives, True))

    def _make_race(self, are_folds: bool) -> Race | None:
        """Return what may stop candidates: a race, a ladder, or nothing."""
        if self._resource is not None:
            if not are_folds:
                raise ArgumentError("`resource` needs folds that are arrays of rows; `cv` gives something else.")
            rng = make_generator([*np.ravel(self._runner.header.seed).tolist(), LADDER_SEED])
            rungs = self._make_rungs(self._resource, self._folds, rng=rng)
            if len(rungs.resources) > 1:
                self._rungs = rungs
                name = self._resource.name
                ladder = Ladder(name, rungs.resources, rungs.fold, self._is_raced, self._metric_of)
                self.notes = ladder.notes
                return ladder
        return Race(self._metric_of) if self._is_raced else None

    def check(self) -> None:
        if not any(math.isfinite(one.score or 0.0) and not one.n_skipped for one in self._runner.individuals):
            raise ValueError(
                f"None of the {len(self.numbers)} candidates has a score that is a finite number. {self._why()}"
            )

    def _why(self) -> str:
        return f"The first of them:\n{why_no_score(self._first)}"

    # -------------------------------------------------------------------------------------- standing in as a problem

    def calls(self, individual: Individual) -> list[Call]:
        calls = self._fits.calls_of(individual.number, individual.params, self._folds, self._caller)
        if individual.number == 0:
            self._first = calls[0]
        return calls if self._rungs is None else [*self._rungs.calls(calls), *calls]

    def result(self, call: Call, outcome: Any) -> FitResult:
        if isinstance(outcome, Failure):
            if self._error_score == "raise":
                raise outcome.error
            return failed_fit(call, outcome)
        result: FitResult = outcome
        scores = result["test_scores"]
        self._check_scores(scores)
        for metric in self._by_objective(scores) if self._objectives else (self._metric(scores),):
            if math.isinf(metric) and not has_failed(result):
                return without_score(result, f"The score is {metric}.", self._error_score)
        return result

    def score(self, results: list[FitResult]) -> float | tuple[float, ...]:
        if not self._objectives:
            return float(np.mean([self._metric_of(result) for result in results]))
        failed = (math.nan,) * len(self._objectives)
        folds = [failed if has_failed(one) else self._by_objective(one["test_scores"]) for one in results]
        return tuple(np.mean(folds, axis=0).tolist())

    def standard_error(self, results: list[FitResult]) -> float:
        return standard_error(np.array([self._metric(result["test_scores"]) for result in results]))

    def pack(self, result: FitResult) -> Result:
        return pack(result)

    def unpack(self, result: Result) -> FitResult:
        return unpack(result)

    def fail_from_the_start(self, errors: list[str]) -> None:
        reason = next((error for error in errors if error), "") or why_no_score(self._first)
        hint = WHOLE_NUMBERS if "must be an int " in reason else ""
        warn(f"None of the first candidates has a score. {hint}The first of them:\n{reason}", FitFailedWarning)

    def _metric_of(self, result: FitResult) -> float:
        """Return the metric that is evolved; NaN if the fit has failed."""
        return math.nan if has_failed(result) else self._metric(result["test_scores"])

    def _check_scores(self, scores: Any) -> None:
        """Raise if a function as `scoring` does not return the metrics that are the objectives."""
        if self._objectives and not (isinstance(scores, dict) and set(self._objectives) <= set(scores)):
            names = list(scores) if isinstance(scores, dict) else scores
            raise ArgumentError(
                f"`objectives` must be metrics that `scoring` returns; got {list(self._objectives)}, and it returned "
                f"{names!r}."
            )

    def _by_objective(self, scores: Any) -> tuple[float, ...]:
        """Return the metrics that are the objectives."""
        return tuple(float(scores[name]) for name in self._objectives)

    def _metric(self, scores: Any) -> float:
        """Return the metric that is evolved."""
        if not isinstance(scores, dict):
            return float(scores)
        name = self._refit if isinstance(self._refit, str) and self._refit in scores else next(iter(scores))
        return float(scores[name])

    # ---------------------------------------------------------------------------------------------------- the results

    @property
    def stop_reason(self) -> str:
        """What ended the search."""
        return self._runner.outcome.stop_reason


def columns_of(individuals: list[Individual]) -> dict[str, np.ndarray]:
    """Return our own columns of `cv_results_`."""
    parents = np.empty(len(individuals), dtype=object)  # tuples of different lengths make no other array
    parents[:] = [individual.parents for individual in individuals]
    return {
        "generation": np.array([individual.generation for individual in individuals]),
        "species": np.array([individual.species for individual in individuals], dtype=object),
        "parents": parents,
        "origin": np.array([individual.origin for individual in individuals], dtype=object),
    }


def _evolved_metric(search: Any) -> str | None:
    """Return the name of the metric that is evolved, where that is known before the first fit."""
    if search.objectives is not None:
        return str(search.objectives[0])
    for name in search.refit, search.scoring:
        if isinstance(name, str):
            return name
    is_many = isinstance(search.scoring, list | tuple | dict)
    return str(next(iter(search.scoring), None)) if is_many else None


def _read_objectives(search: Any) -> tuple[str, ...]:
    """Return the names of several objectives, which must be metrics; nothing if there is one."""
    objectives, scoring = search.objectives, search.scoring
    if objectives is None:
        return ()
    is_list = isinstance(objectives, list | tuple)
    if not is_list or len(objectives) < 2 or len(set(map(str, objectives))) < len(objectives):
        raise ArgumentError(
            f"`objectives` must be a list of two or more metrics of `scoring`, or None; got {objectives!r}."
        )
    if scoring is None or isinstance(scoring, str):
        raise ArgumentError(
            f"`objectives` must be metrics of `scoring`, a list or dict of them; got {scoring!r} as `scoring`."
        )
    if not callable(scoring) and not set(objectives) <= set(scoring):
        raise ArgumentError(
            f"`objectives` must be metrics of `scoring`, which are {list(scoring)}; got {objectives!r}."
        )
    singles = {name: getattr(search, name) for name in ("target", "racing", "resource")}
    singles["patience"] = search.patience == "auto"
    for name in [name for name, value in singles.items() if value not in (None, False)]:
        raise ArgumentError(
            f"`{name}={getattr(search, name)!r}` is for a single score; leave it out with `objectives`."
        )
    return tuple(objectives)


def _what_to_search(search: Any, X: Any, y: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Return the space, and candidates that are suggested with it."""
    spec = search.param_distributions
    if not isinstance(spec, str):
        return spec, []
    if spec != "auto":
        raise ArgumentError(
            "`param_distributions` must be 'auto', a dict of parameter names and what they may be, or a list of such "
            f"dicts; got {spec!r}."
        )
    return suggest_space(search.estimator, X, y), suggest_initial(search.estimator, X, y)


def _identify(search: Any, space: Space, portfolio: list[Genes], data: dict[str, Any]) -> tuple[Identity, Identity]:
    """Return what decides which candidates there are, and what decides their scores."""
    shape = {
        "population_size": int(search.population_size),
        "window": int(search.window),
        "surrogate": search.surrogate,
        "constraints": search.constraints,
        "the metric that is evolved": _evolved_metric(search),
        **({"racing": True} if search.racing else {}),
        **({} if search.resource is None else {n: getattr(search, n) for n in ("resource", "min_resources", "factor")}),
        **({"objectives": list(search.objectives)} if search.objectives is not None else {}),
    }
    if portfolio:
        shape["the portfolio"] = [genes.tolist() for genes in portfolio]
    names = ("scoring", "error_score", "return_train_score", "timeout")
    evaluation = {
        **identify_estimator(search.estimator),
        **identify_cv(search.cv),
        **identify({**data, **{name: getattr(search, name) for name in names}}),
    }
    return {**identify_space("param_distributions", space), **identify(shape)}, evaluation


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
