"""Ladders: a candidate first has little of a resource, and then more until it almost surely is not the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from geneticsearch._errors import warn
from geneticsearch.evaluation._racing import Race, Rival, fold_order, is_hopeless

Floats = NDArray[np.float64]

MIN_COMPLETE = 3
"""Complete candidates that are known before estimates have a noise, and decide about others."""

N_SCOUTS = 8
"""Candidates whose scores on all rungs are known before a rung decides about others. So many begin one after the other,
with idle workers on their later calls in advance: of these only those go on to the other folds that are better than all
before them, about three, where otherwise all would, as nothing is known yet."""

MISLEADING = 0.3
"""A rung is left out if its rank correlation with the full resource, among the scouts, is lower."""

N_NEAR = 5
"""Estimates are made from the half of the candidates that is best on a rung, or from so many: among good candidates, a
rung goes with the next in another way than among bad ones."""

PRIOR_CANDIDATES = 4
"""Candidates that a slope of 1, between the scores on a rung and on the next, is worth."""


@dataclass(frozen=True)
class Standing:
    """What is known when a candidate begins, and decides how far it climbs.

    Attributes
    ----------
    known : ndarray of shape (n_known, n_rungs + 2)
        Scores of earlier candidates on each rung that is not left out, on the fold of the ladder with the full
        resource, and over all folds; larger is better, and NaN if it is unknown.
    rungs : tuple of int
        Which rungs these are.
    rival : Rival or None
        Whom it then races against.
    """

    known: Floats
    rungs: tuple[int, ...]
    rival: Rival | None

    def is_behind(self, level: int, score: float) -> bool:
        """Return whether a score on a rung, or on the fold of the ladder, almost surely is not that of the best.

        While few candidates are complete, a rung decides nothing, and a candidate goes on from the fold if it is better
        there than the latest others: compared with all, none might go on once a lucky one has been there.
        """
        others = self.known[:, level]
        others = others[~np.isnan(others)]
        is_top = level == len(self.rungs)
        if np.isnan(score) or (not is_top and len(others) < N_SCOUTS) or not self._has_way_up(level):
            return False
        estimate, variance = self.estimate(level, score)
        if variance is None:
            return is_top and bool((others[-N_SCOUTS:] >= score).any())
        return is_hopeless(estimate, variance, float(np.nanmax(self.known[:, -1])))

    def estimate(self, level: int, score: float) -> tuple[float, float | None]:
        """Return the estimated mean over all folds of a candidate that goes no further, and the variance of its error.

        It climbs lines from each rung to the next, drawn by medians, so that a few very bad candidates do not turn
        them. The variance is None while it cannot be told.
        """
        error = 0.0
        for lower in range(level, len(self.rungs) + 1):
            slope, offset, variance = self._line(lower)
            score, error = offset + slope * score, slope**2 * error + variance
        return score, error if len(self._climbed(len(self.rungs))) >= MIN_COMPLETE else None

    def _line(self, lower: int) -> tuple[float, float, float]:
        """Return slope, offset and variance of a line from the scores on a rung to those on the next."""
        both = self._climbed(lower)
        both = both[np.argsort(-both[:, 0], kind="stable")[: max(N_NEAR, len(both) // 2)]]
        x, y = both.T
        dx, dy = (np.subtract.outer(v, v)[np.triu_indices(len(v), 1)] for v in (x, y))
        slopes = dy[dx != 0] / dx[dx != 0]
        slope = (len(x) * np.median(slopes) + PRIOR_CANDIDATES) / (len(x) + PRIOR_CANDIDATES) if len(slopes) else 1.0
        offset = float(np.median(y - slope * x))
        spread = 1.4826 * float(np.median(np.abs(y - slope * x - offset)))
        return float(slope), offset, spread**2 * (1 + PRIOR_CANDIDATES / len(x))

    def _climbed(self, lower: int) -> Floats:
        """Return scores on a rung and on the next, of the candidates that have both; repetitions say nothing new."""
        both = self.known[:, [lower, lower + 1]]
        return np.unique(both[~np.isnan(both).any(axis=1)], axis=0)

    def _has_way_up(self, level: int) -> bool:
        return all(len(self._climbed(lower)) for lower in range(level, len(self.rungs) + 1))


class Ladder(Race):
    """Races that begin with little: rungs on one fold, this fold in full, the others.

    As in successive halving, few candidates reach the top. But they are not ranked on a rung: each is stopped by what
    its score there says about its score in the end, so that a rung that says little stops few.

    Parameters
    ----------
    name : str
        What the resource is called.
    resources : sequence of int
        How much of it a fit has on each rung, and in full.
    fold : int
        The fold of the ladder.
    is_raced : bool
        Whether the other folds are a race.
    score_of : callable, default=float
        As in `Race`.

    Attributes
    ----------
    notes : list of str
        What was noticed, as sentences.

    References
    ----------
    Li et al. (2020), "A System for Massively Parallel Hyperparameter Tuning", arXiv:1810.05934.
    """

    n_opening = N_SCOUTS

    def __init__(
        self,
        name: str,
        resources: Sequence[int],
        fold: int,
        is_raced: bool,
        score_of: Callable[[Any], float] = float,
    ) -> None:
        super().__init__(score_of)
        self.resources = tuple(resources)
        self.notes: list[str] = []
        self._name, self._fold, self._is_raced = name, fold, is_raced
        self._n_rungs = len(resources) - 1
        self._rungs = tuple(range(self._n_rungs))
        self._known: list[list[float]] = []
        self._has_looked = False

    def add(self, results: Sequence[Any]) -> None:
        super().add(results[self._n_rungs :])
        scores = self._scores(results)
        folds = scores[self._n_rungs :]
        self._known.append([*scores[: self._n_rungs], folds[self._fold], folds.mean()])
        if not self._has_looked:
            scouts = np.array(self._known)[:, :-1]
            scouts = scouts[~np.isnan(scouts).any(axis=1)]
            if len(scouts) >= N_SCOUTS:
                self._has_looked = True
                self._leave_out(scouts)

    def _leave_out(self, scouts: Floats) -> None:
        """Leave out the rungs that say little about the full resource, given scores on all of them."""
        correlations = [_rank_correlation(on_rung, scouts[:, -1]) for on_rung in scouts.T[:-1]]
        self._rungs = tuple(rung for rung in self._rungs if correlations[rung] >= MISLEADING)
        for rung in sorted(set(range(self._n_rungs)) - set(self._rungs)):
            self.notes.append(
                f"With {self._name}={self.resources[rung]}, the order of candidates says little about that with "
                f"{self._name}={self.resources[-1]} (rank correlation {correlations[rung]:.2f} over {len(scouts)} "
                "candidates), so the search went on without that rung."
            )
            warn(self.notes[-1])

    def rival(self) -> Any:
        rival = super().rival() if self._is_raced else None
        if not self._rungs:
            return rival
        known = np.array(self._known).reshape(-1, self._n_rungs + 2)[:, [*self._rungs, -2, -1]]
        return Standing(known, self._rungs, rival) if np.isfinite(known[:, -1]).any() else None

    def order(self, number: int, n_calls: int, rival: Any) -> list[int]:
        n_folds = n_calls - self._n_rungs
        first = self._fold if self._rungs else number  # a race alone begins with one fold after the other
        return [*self._rungs, *(self._n_rungs + fold for fold in fold_order(first, n_folds))]

    def is_lost(self, rival: Any, results: Sequence[Any]) -> bool:
        folds = results[self._n_rungs :]
        if isinstance(rival, Rival):
            return super().is_lost(rival, folds)
        reached = self._reached(rival, results)
        if reached is not None and rival.is_behind(*reached):
            return True
        has_begun = any(result is not None for result in folds)
        return rival.rival is not None and has_begun and super().is_lost(rival.rival, folds)

    def estimate(self, rival: Any, results: Sequence[Any]) -> tuple[float, float | None]:
        folds = results[self._n_rungs :]
        if isinstance(rival, Rival):
            return super().estimate(rival, folds)
        reached = self._reached(rival, results)
        return super().estimate(rival.rival, folds) if reached is None else rival.estimate(*reached)

    def _reached(self, standing: Standing, results: Sequence[Any]) -> tuple[int, float] | None:
        """Return the highest level that a candidate has reached, and its score there; None beyond the ladder's fold."""
        run = [i for i, result in enumerate(results) if result is not None]
        n_folds = sum(i >= self._n_rungs for i in run)
        if n_folds > 1:
            return None
        score = float(self._scores(results)[run[-1]])
        return (len(standing.rungs) if n_folds else standing.rungs.index(run[-1])), score


def _rank_correlation(one: Floats, other: Floats) -> float:
    """Return Spearman's rank correlation; 0 for scores that are all the same, if the others are not."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float(np.ptp(other) == 0)
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
