"""What became of the candidates of a search: the one place that knows which are better, best or failed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geneticsearch.evolution import Individual, fitness, front_of, hypervolume_so_far, knee, pareto_ranks
from geneticsearch.results._advice import advise
from geneticsearch.results._parameters import Parameter, parameters_of
from geneticsearch.space import Space

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class History:
    """The evaluated candidates of a search, in the order of their numbers.

    Attributes
    ----------
    individuals : sequence of Individual
        All that have a score; it is NaN for those that failed.
    maximize : bool
        Whether larger scores are better.
    metric : str
        Name of the metric that is evolved.
    folds : ndarray of shape (n_individuals, n_folds) or None
        Scores on each fold, if there are several.
    columns : dict of ndarray of shape (n_individuals,)
        Whatever else was measured, named as in `cv_results_`: times, ranks, training scores and other metrics.
    space : Space or None
        Where the candidates come from, if known.
    title : str
        What the search is called.
    data : str or None
        How many rows and columns it was fitted to, in words; None if unknown.
    stop_reason : str or None
        What ended the search; None if unknown.
    settings : dict of str
        What was searched and how, in words.
    versions : dict of str
        Versions of the packages that shape a search, by name.
    chosen : int or None
        Index of the candidate that `refit` chose, where there is such a choice.
    refit_time : float or None
        Seconds that the refit took.
    objectives : dict of str to bool
        By name, whether larger scores by each of several objectives are better; empty with one. `scores`, `fitness`,
        `ranking` and `best` are by the first of them.
    notes : sequence of str
        What was noticed while it ran, as sentences; part of the advice.
    """

    individuals: Sequence[Individual]
    maximize: bool
    metric: str = "score"
    folds: Floats | None = None
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    space: Space | None = field(default=None, repr=False)
    title: str = "Search"
    data: str | None = None
    stop_reason: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    versions: Mapping[str, str] = field(default_factory=dict, repr=False)
    chosen: int | None = None
    refit_time: float | None = None
    objectives: Mapping[str, bool] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def __getstate__(self) -> dict[str, Any]:
        """Return what is worth pickling: advice takes a while to find again, all else that is cached does not."""
        kept = {*self.__dataclass_fields__, "advice"}
        return {name: value for name, value in vars(self).items() if name in kept}

    @cached_property
    def numbers(self) -> NDArray[np.int_]:
        """Numbers of the individuals."""
        return np.array([one.number for one in self.individuals], dtype=int)

    @cached_property
    def scores(self) -> Floats:
        """Scores; NaN for those that failed."""
        return _floats([one.score for one in self.individuals])

    @cached_property
    def starts(self) -> Floats:
        """When evaluations began, in seconds since 1970; NaN if unknown."""
        return _floats([one.start for one in self.individuals])

    @cached_property
    def durations(self) -> Floats:
        """Seconds that evaluations took; NaN if unknown."""
        return _floats([one.duration for one in self.individuals])

    @cached_property
    def fitness(self) -> Floats:
        """Scores turned so that larger is better; NaN for those that failed."""
        return np.array([fitness(score, self.maximize) for score in self.scores.tolist()], dtype=float)

    @cached_property
    def failed(self) -> NDArray[np.bool_]:
        """Which individuals failed."""
        return np.isnan(self.fitness)

    @cached_property
    def n_skipped(self) -> NDArray[np.int_]:
        """Number of folds of each individual that were unnecessary; the scores of stopped ones are estimates."""
        return np.array([one.n_skipped for one in self.individuals], dtype=int)

    @cached_property
    def complete_fitness(self) -> Floats:
        """Fitness of those that were not stopped; NaN for the others, too."""
        return np.where(self.n_skipped > 0, math.nan, self.fitness)

    @cached_property
    def ranking(self) -> NDArray[np.intp]:
        """Indices of the individuals that did not fail, best first; of equals the earlier first, stopped ones last."""
        order = np.lexsort([-self.fitness, self.n_skipped > 0])
        return order[~self.failed[order]]

    @cached_property
    def complete(self) -> NDArray[np.intp]:
        """Indices of the individuals that neither failed nor were stopped, best first."""
        complete: NDArray[np.intp] = self.ranking[self.n_skipped[self.ranking] == 0]
        return complete

    @cached_property
    def fitness_by_objective(self) -> Floats:
        """Scores by each of several objectives, turned so that larger is better; NaN for those that failed."""
        signs = np.array([1.0 if maximize else -1.0 for maximize in self.objectives.values()])
        scores = [one.scores or (math.nan,) * len(signs) for one in self.individuals]
        fitness: Floats = np.array(scores, dtype=float).reshape(-1, len(signs)) * signs
        return fitness

    @cached_property
    def pareto_ranks(self) -> NDArray[np.int_]:
        """Pareto rank of each individual by several objectives, from 1 for the front; failures rank last."""
        return pareto_ranks(self.fitness_by_objective)

    @cached_property
    def front(self) -> NDArray[np.intp]:
        """Indices of the individuals that none dominates, the best by the first objective first; empty with one."""
        return front_of(self.fitness_by_objective) if self.objectives else np.empty(0, dtype=np.intp)

    @property
    def knee(self) -> int:
        """Index of the knee of the front."""
        return int(self.front[knee(self.fitness_by_objective[self.front])])

    @cached_property
    def hypervolume(self) -> Floats:
        """Share of the box around the front that is dominated after each individual."""
        return hypervolume_so_far(self.fitness_by_objective)

    @property
    def savings(self) -> str:
        """How many individuals were stopped, and what that saved, in words; empty if none."""
        n = int((self.n_skipped > 0).sum())
        return f"{n} stopped early, which saved {self.n_skipped.sum()} fits" if n else ""

    @property
    def best(self) -> Individual | None:
        """The best individual, the first of equals; None if all failed or were stopped."""
        return self.individuals[self.complete[0]] if len(self.complete) else None

    @property
    def is_complete(self) -> bool:
        """Whether everything in the space was evaluated."""
        return self.stop_reason == "exhausted"

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The parameters that differ between candidates, in the order of the space."""
        return parameters_of(self)

    @cached_property
    def advice(self) -> list[str]:
        """Advice on the result, as sentences."""
        return advise(self)

    def seconds(self) -> tuple[Floats, Floats] | None:
        """Return the mean time of fitting and scoring one fold, and its standard deviation; None if unknown."""
        if not {"mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time"} <= set(self.columns):
            return None
        means = self.columns["mean_fit_time"] + self.columns["mean_score_time"]
        return means, np.hypot(self.columns["std_fit_time"], self.columns["std_score_time"])

    def training_scores(self) -> Floats | None:
        """Return the mean scores on the rows that were fitted; None if unknown."""
        names = (f"mean_train_{self.metric}", "mean_train_score")
        return next((self.columns[name] for name in names if name in self.columns), None)


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([math.nan if value is None else value for value in values], dtype=float)
