"""What watches a search: the callback protocol, and the progress bar."""

from __future__ import annotations

import math
import sys
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from tqdm.auto import tqdm

from geneticsearch._population import Individual
from geneticsearch._validation import ArgumentTypeError

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


class Watchers:
    """The callbacks of one search, told of everything one after the other.

    Parameters
    ----------
    callbacks : Callback, list of Callback or None, default=None
        As the front doors take it.
    verbose : int, default=0
        1 adds a progress bar, 2 one that also tells of improvements.
    """

    def __init__(self, callbacks: Any = None, verbose: int = 0) -> None:
        given = [] if callbacks is None else [callbacks] if isinstance(callbacks, Callback) else callbacks
        if not isinstance(given, list | tuple) or not all(isinstance(one, Callback) for one in given):
            raise ArgumentTypeError(
                f"`callbacks` must be a geneticsearch.Callback, a list of them or None; got {callbacks!r}."
            )
        self._callbacks: list[Callback] = [*([ProgressBar(verbose)] if verbose else []), *given]
        self._ends = ExitStack()
        self._outcome = Outcome("error", 0)

    def start(self, search: SearchInfo) -> None:
        """Tell of the beginning."""
        for callback in self._callbacks:
            callback.on_start(search)
            self._ends.callback(self._end, callback)

    def _end(self, callback: Callback) -> None:
        callback.on_end(self._outcome)

    def result(self, individual: Individual, score: float, best: Individual | None) -> bool:
        """Tell of an evaluated individual; return whether a callback wants to stop."""
        stop = False
        for callback in self._callbacks:
            stop |= callback.on_result(individual, score, best) is True
            if best is individual:
                callback.on_improvement(individual, score)
        return stop

    def end(self, outcome: Outcome) -> None:
        """Tell of the end, all of those that were told of the beginning, even if one of them raises."""
        self._outcome = outcome
        self._ends.close()


def tell(sentences: list[str]) -> None:
    """Write sentences to where the progress bar is, one a line."""
    for sentence in sentences:
        tqdm.write(sentence, file=sys.stderr)


class ProgressBar(Callback):
    """A bar with the candidates done, the best score so far, the species alive and the time that is left.

    Parameters
    ----------
    verbose : int
        From 2 on, each improvement is a line of its own.
    """

    def __init__(self, verbose: int) -> None:
        self._verbose = verbose

    def on_start(self, search: SearchInfo) -> None:
        self._bar = _Bar(
            total=search.n_candidates,
            desc="Optimizing parameters",
            unit="candidate",
            dynamic_ncols=True,
            bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{time_left}, {rate_fmt}{postfix}]",
        )
        self._bar.max_time = search.max_time
        self._species: set[str] = set()
        self._recent: deque[str] = deque(maxlen=RECENT)

    def on_result(self, individual: Individual, score: float, best: Individual | None) -> bool | None:
        self._species.add(individual.species)
        self._recent.append(individual.species)
        shown: dict[str, str] = {}
        if best is not None:
            shown["best"] = f"{best.score:.5g}"
        if len(self._species) > 1:
            shown["species"] = str(len(set(self._recent)))
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()
        return None

    def on_improvement(self, individual: Individual, score: float) -> None:
        if self._verbose > 1:
            params = ", ".join(f"{name}={_short(value)}" for name, value in individual.params.items())
            tell([f"candidate {individual.number}: {score:.5g} with {params}"])

    def on_end(self, outcome: Outcome) -> None:
        self._bar.is_finished = outcome.stop_reason not in ("error", "interrupted")
        self._bar.close()


class _Bar(tqdm):  # type: ignore[misc]  # tqdm is untyped
    """A bar that knows of another end than that of its work."""

    max_time: float | None = None
    is_finished = False

    def display(self, *args: Any, **kwargs: Any) -> Any:
        # In a notebook a bar that ends early is red; not if that is how the search should end.
        if self.is_finished and kwargs.get("bar_style") == "danger":
            kwargs["bar_style"] = "success"
        return super().display(*args, **kwargs)

    @property
    def format_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = super().format_dict
        elapsed, n = shown["elapsed"], shown["n"]
        rate = shown["rate"] or (n / elapsed if elapsed else 0)
        left = (shown["total"] - n) / rate if rate else math.inf
        if self.max_time is not None:
            left = min(left, max(0.0, self.max_time - elapsed))
        return {**shown, "time_left": tqdm.format_interval(left) if math.isfinite(left) else "?"}


def _short(value: Any) -> str:
    """Return a value in few characters."""
    text = f"{value:.4g}" if isinstance(value, float) else " ".join(repr(value).split())
    return text if len(text) <= 40 else f"{text[:37]}..."
