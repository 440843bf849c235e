"""All that watch one search."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from geneticsearch._errors import ArgumentTypeError
from geneticsearch.callbacks._base import Callback, Outcome, SearchInfo
from geneticsearch.callbacks._progress import ProgressBar
from geneticsearch.evolution import Individual


class Watchers:
    """The callbacks of one search, called one after the other.

    Parameters
    ----------
    callbacks : Callback, list of Callback or None, default=None
        As the front doors take it.
    verbose : int, default=0
        1 adds a progress bar, 2 also a line for each improvement.
    """

    def __init__(self, callbacks: Any = None, verbose: int = 0) -> None:
        given = [] if callbacks is None else [callbacks] if isinstance(callbacks, Callback) else callbacks
        if not isinstance(given, list | tuple) or not all(isinstance(callback, Callback) for callback in given):
            raise ArgumentTypeError(
                f"`callbacks` must be a geneticsearch.Callback, a list of them or None; got {callbacks!r}."
            )
        self._callbacks: list[Callback] = [*([ProgressBar(verbose)] if verbose else []), *given]
        self._ends = ExitStack()
        self._outcome = Outcome("error", 0)

    def start(self, search: SearchInfo) -> None:
        """Call each `on_start`."""
        for callback in self._callbacks:
            callback.on_start(search)
            self._ends.callback(self._end, callback)

    def _end(self, callback: Callback) -> None:
        callback.on_end(self._outcome)

    def result(self, individual: Individual, best: Individual | None) -> bool:
        """Pass on an evaluated individual; return whether a callback wants to stop."""
        stop = False
        for callback in self._callbacks:
            stop |= callback.on_result(individual, best) is True
            if best is individual:
                callback.on_improvement(individual)
        return stop

    def end(self, outcome: Outcome) -> None:
        """Call `on_end` of every callback whose `on_start` returned, even if one of them raises."""
        self._outcome = outcome
        self._ends.close()
