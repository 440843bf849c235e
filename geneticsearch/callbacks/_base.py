"""What a callback is, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass

from geneticsearch.evolution import Individual

RECENT = 20
"""A species is alive if one of this many latest candidates belongs to it."""


@dataclass(frozen=True)
class SearchInfo:
    """What a callback is told of a search at its start.

    Attributes
    ----------
    n_candidates : int
        Number of candidates in the budget, or in the space if it holds no more.
    max_time : float or None
        Seconds after which no further evaluation starts.
    maximize : bool
        Whether larger scores are better.
    """

    n_candidates: int
    max_time: float | None
    maximize: bool


@dataclass(frozen=True)
class Outcome:
    """How a search ended.

    Attributes
    ----------
    stop_reason : str
        "n_iter", "max_time", "target", "patience", "callback" or "exhausted"; a callback may also be told of "error"
        and "interrupted".
    n_kept : int
        The individuals of lower number belong to the search. Others may have been evaluated, where several are at
        once, but after what ended it: whether they were is a matter of time.
    """

    stop_reason: str
    n_kept: int


class Callback:
    """Watches a search, and may stop it. Derive from it and define what you need; the methods here do nothing.

    They run in the process that called `fit` or `optimize`, one at a time. Candidates are told in the order of their
    numbers, each after all those before it, whatever order their evaluations end in: so what a callback sees, and when
    it stops the search, does not depend on `n_jobs`. One that was already under way when the search stops is not told.
    Candidates that a checkpoint answers for are told like all others.

    An exception in a callback ends the search and is raised. What has been evaluated stays: in the checkpoint, in the
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
    ...     def on_result(self, individual, score, best):
    ...         return individual.number + 1 >= self.n
    >>> space = {"x": UniformDistribution(-1, 1)}
    >>> result = optimize(lambda params: params["x"] ** 2, space, seed=0, callbacks=StopAfter(7))
    >>> result.stop_reason, result.n_evaluations
    ('callback', 7)
    """

    def on_start(self, search: SearchInfo) -> None:
        """Take note that a search begins.

        Parameters
        ----------
        search : SearchInfo
            Its `n_candidates`, `max_time` and `maximize`.
        """

    def on_result(self, individual: Individual, score: float, best: Individual | None) -> bool | None:
        """Take note of one more evaluated candidate.

        Parameters
        ----------
        individual : Individual
            The candidate.
        score : float
            Its score; NaN if it failed.
        best : Individual or None
            The best so far, which may be this one; None while all have failed.

        Returns
        -------
        bool or None
            True stops the search, which then has the `stop_reason` "callback".
        """
        return None

    def on_improvement(self, individual: Individual, score: float) -> None:
        """Take note of a candidate better than all before it, after its `on_result`.

        Parameters
        ----------
        individual : Individual
            The candidate.
        score : float
            Its score.
        """

    def on_end(self, outcome: Outcome) -> None:
        """Take note that the search has ended, however it did; it is called if `on_start` returned.

        Parameters
        ----------
        outcome : Outcome
            Its `stop_reason`, which is "error" or "interrupted" if an exception ended the search, and `n_kept`, the
            number of candidates that belong to it.
        """
