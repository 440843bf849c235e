"""The frame of a search: begin, evaluate, close, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geneticsearch.callbacks import Outcome, Watchers
from geneticsearch.checkpoint import Header, Initial, Journal
from geneticsearch.evaluation._loop import Evaluation, Limits, Problem
from geneticsearch.evaluation._racing import Race
from geneticsearch.evaluation._workers import Workers
from geneticsearch.evolution import GeneticOptimizer, Individual
from geneticsearch.space import Space


class Runner:
    """One search, from its beginning to its end.

    Parameters
    ----------
    checkpoint : str, path-like or None
        Where it is recorded.
    header : Header
        The search, as it is if the checkpoint does not know better.
    space : Space
        What it searches; from now on it decodes the numbers that the search began with.
    make_optimizer : callable
        Takes `seed`, `budget` and `initial`.

    Attributes
    ----------
    header : Header
        The search, as it was begun.
    optimizer : GeneticOptimizer
        Its engine.
    outcome : Outcome
        How it ended.
    error : BaseException or None
        What was raised in it.
    individuals : list of Individual
        Those that belong to it and have been evaluated, in order.
    results : list of list
        The results of their calls on all folds.
    """

    def __init__(
        self, checkpoint: Any, header: Header, space: Space, make_optimizer: Callable[..., GeneticOptimizer]
    ) -> None:
        self._journal = Journal(checkpoint, header)
        try:
            header = self.header = self._journal.header
            space.remember(header.numbers)
            self.optimizer = make_optimizer(seed=header.seed, budget=header.budget, initial=header.initial)
        except BaseException:
            self._journal.close()
            raise
        self.outcome = Outcome("error", 0)
        self.error: BaseException | None = None
        self.individuals: list[Individual] = []
        self.results: list[list[Any]] = []

    def run(
        self,
        problem: Problem,
        make_workers: Callable[[], Workers],
        limits: Limits,
        watchers: Watchers,
        initial: Initial,
        folds: Any = None,
        race: Race | None = None,
    ) -> None:
        """Evaluate; an error is kept rather than raised, so that what was evaluated before can be used."""
        evaluation = Evaluation(self.optimizer, problem, self._journal, limits, watchers, race)
        n_kept = limits.n_iter
        try:
            self.header = self._journal.begin(folds)
            self._journal.known = initial.known(self.header)
            self.outcome = evaluation.run(make_workers)
            n_kept = self.outcome.n_kept
        except BaseException as error:
            self.error = error
            self.outcome = Outcome("interrupted" if isinstance(error, KeyboardInterrupt) else "error", n_kept)
        finally:
            self.close()
        kept = sorted(number for number in evaluation.individuals if number < n_kept)
        self.individuals = [self.optimizer.history[number] for number in kept]  # not what `fn` made of their parameters
        self.results = [evaluation.results[number] for number in kept]

    def close(self) -> None:
        """Let others have the checkpoint."""
        self._journal.close()
