"""What a callback is, and what it is given."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from geneticsearch.evolution import Individual

RECENT = 20
"""A species is alive if one of this many latest candidates belongs to it."""

StopReason = Literal["n_iter", "max_time", "target", "patience", "callback", "exhausted", "error", "interrupted"]
"""What ended a search: a limit, a callback, that everything in the space was evaluated, or an exception."""


@dataclass(frozen=True)
class SearchInfo:
    """What is known of a search at its start.

    Attributes
    ----------
    n_candidates : int
        Number of candidates in the budget, or in the space if it holds fewer.
    max_time : float or None
        Seconds after which no further evaluation starts.
    maximize : bool
        Whether larger scores are better.
    n_recalled : int, default=0
        Number of candidates whose results are in the checkpoint already.
    objectives : tuple of bool, default=()
        Whether larger scores by each of several objectives are better; empty with one.
    """

    n_candidates: int
    max_time: float | None
    maximize: bool
    n_recalled: int = 0
    objectives: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a search ended.

    Attributes
    ----------
    stop_reason : str
        "n_iter", "max_time", "target", "patience", "callback" or "exhausted"; for callbacks also "error" and
        "interrupted".
    n_kept : int
        Candidates with lower numbers belong to the search. Others may have been evaluated in parallel, after the
        candidate that ended it; which ones is a matter of timing, so they do not count.
    """

    stop_reason: StopReason
    n_kept: int


class Callback:
    """Watches a search, and may stop it. Derive from it and define what you need; the methods here do nothing.

    Callbacks run in the process that called `fit` or `optimize`, one at a time. They see candidates in the order of
    their numbers, whatever order the evaluations end in, so what they do does not depend on `n_jobs`. They never see
    candidates that are still under way when the search stops. Candidates whose results come from a checkpoint are
    passed to them like all others.

    An exception in a callback ends the search and is raised. Results are not lost: they are in the checkpoint, in the
    `cv_results_` of a `GeneticSearchCV`, and in the exception's `partial_result` from `optimize`.

    See Also
    --------
    GeneticSearchCV, optimize : Take one callback or several, as `callbacks`.

    Examples
    --------
    >>> from geneticsearch import Callback, UniformDistribution, optimize
    >>> class StopAfter(Callback):
    ...     def __init__(self, n):
    ...         self.n = n
    ...
    ...     def on_result(self, individual, best):
    ...         return individual.number + 1 >= self.n
    >>> space = {"x": UniformDistribution(-1, 1)}
    >>> result = optimize(lambda params: params["x"] ** 2, space, seed=0, callbacks=StopAfter(7))
    >>> result.stop_reason, result.n_evaluations
    ('callback', 7)
    """

    def on_start(self, search: SearchInfo) -> None:
        """React to the start of the search.

        Parameters
        ----------
        search : SearchInfo
            Its `n_candidates`, `max_time` and `maximize`.
        """

    def on_result(self, individual: Individual, best: Individual | None) -> bool | None:
        """React to an evaluated candidate.

        Parameters
        ----------
        individual : Individual
            The candidate. Its `score` is NaN if it failed.
        best : Individual or None
            The best so far, which may be this one; None while all have failed. By several objectives, the latest that
            was not dominated.

        Returns
        -------
        bool or None
            True stops the search; its `stop_reason` is then "callback".
        """
        return None

    def on_improvement(self, individual: Individual) -> None:
        """React to a candidate that is better than all before it; called after its `on_result`.

        By several objectives, to a candidate that none before it dominates.

        Parameters
        ----------
        individual : Individual
            The candidate.
        """

    def on_end(self, outcome: Outcome) -> None:
        """React to the end of the search, whatever the reason; called if `on_start` returned.

        Parameters
        ----------
        outcome : Outcome
            Its `stop_reason`, which is "error" or "interrupted" if an exception ended the search, and `n_kept`, the
            number of candidates that belong to it.
        """


def interval(individual: Individual) -> tuple[float, float]:
    """Return when an evaluation began and ended, in seconds since 1970; now, if unknown."""
    if individual.start is None or individual.duration is None:
        return time.time(), time.time()
    return individual.start, individual.start + individual.duration
