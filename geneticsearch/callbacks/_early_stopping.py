"""Stopping early."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from geneticsearch._errors import ArgumentError, check_number
from geneticsearch.callbacks._base import Callback, SearchInfo
from geneticsearch.evolution import Individual


@dataclass(eq=False)
class EarlyStopping(Callback):
    """Stops a search that hardly improves any more.

    The search ends when the best score has improved by no more than `min_improvement` over the latest `patience`
    candidates, failed ones included. The parameter `patience` of a search, in contrast, waits until there is no
    improvement at all.

    Parameters
    ----------
    patience : int
        Number of candidates.
    min_improvement : float
        The largest improvement that is too small: a difference of scores, or if `relative` a fraction of the earlier
        best score.
    relative : bool, default=False
        Whether `min_improvement` is a fraction.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.callbacks import EarlyStopping
    >>> space = {"x": UniformDistribution(-10, 10)}
    >>> stop = EarlyStopping(patience=20, min_improvement=0.01)
    >>> result = optimize(lambda params: params["x"] ** 2, space, n_iter=1000, seed=0, callbacks=stop)
    >>> result.stop_reason, result.n_evaluations < 100
    ('callback', True)
    """

    patience: int
    min_improvement: float
    relative: bool = False

    def __post_init__(self) -> None:
        check_number("patience", self.patience, low=1, integer=True)
        check_number("min_improvement", self.min_improvement, low=0)

    def on_start(self, search: SearchInfo) -> None:
        if search.objectives:
            raise ArgumentError("`EarlyStopping` compares a single score; for several objectives use `patience`.")
        self._sign = 1 if search.maximize else -1
        self._best: deque[float] = deque(maxlen=self.patience + 1)

    def on_result(self, individual: Individual, best: Individual | None) -> bool | None:
        self._best.append(-math.inf if best is None or best.score is None else self._sign * best.score)
        earlier, now = self._best[0], self._best[-1]
        if len(self._best) <= self.patience:
            return False
        if earlier == -math.inf:  # all had failed
            return now == earlier
        return now - earlier <= self.min_improvement * (abs(earlier) if self.relative else 1)
