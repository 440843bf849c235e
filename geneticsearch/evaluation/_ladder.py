"""Ladders: a candidate first has little of a resource, and goes on with more if it is among the best so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from geneticsearch._errors import warn
from geneticsearch.evaluation._racing import Race, Rival, fold_order

Floats = NDArray[np.float64]

MIN_COMPLETE = 3
"""Complete candidates that are known before others are stopped."""

N_SCOUTS = 8
"""Candidates whose scores on all rungs are known before a rung decides about others."""

ON_RUNG, ON_FOLD = 4, 2
"""With how many of the latest candidates on a rung, or on the whole fold, another is compared, in units of `factor`. It
goes on from a rung if it is in the best share of 1 / `factor`; from the whole fold, as the others cost most, if it is
the best. A search improves: compared with all candidates before, nearly every new one would go on, or none once a lucky
one has been there."""

MISLEADING = 0.3
"""A rung is left out if its rank correlation with the full resource, among the scouts, is lower."""

N_NEAR = 5
"""Estimates are made from the half of the complete candidates that is best on the rung, or from so many: among good
candidates, a rung goes with the whole in another way than among bad ones."""

PRIOR_CANDIDATES = 4
"""Candidates that a slope of 1, between the score on a rung and the mean over all folds, is worth."""


@dataclass(frozen=True)
class Standing:
    """What is known when a candidate begins, and decides how far it climbs.

    Attributes
    ----------
    known : ndarray of shape (n_known, n_rungs + 2)
        Scores of earlier candidates on each rung, on the fold of the ladder with the full resource, and over all folds;
        larger is better, and NaN if it is unknown.
    factor : float
        As in `Ladder`.
    rival : Rival or None
        Whom it then races against.
    """

    known: Floats
    factor: float
    rival: Rival | None

    def is_behind(self, level: int, score: float) -> bool:
        """Return whether a score on a rung, or on the fold of the ladder, is not among the best."""
        others = self.known[:, level]
        others = others[~np.isnan(others)]
        is_top = level == self.known.shape[1] - 2
        if np.isnan(score) or (not is_top and len(others) < N_SCOUTS) or len(self._both(level)) < MIN_COMPLETE:
            return False
        latest = others[-round((ON_FOLD if is_top else ON_RUNG) * self.factor) :]
        n_better = (latest > score).sum() + (latest == score).sum() / 2
        return bool(n_better >= (1 if is_top else len(latest) / self.factor))

    def estimate(self, level: int, score: float) -> tuple[float, float]:
        """Return the estimated mean over all folds of a candidate that goes no further, and the variance of its error.

        It lies on a line through the complete candidates, drawn by medians, so that a few very bad ones do not turn it.
        """
        both = self._both(level)
        both = both[np.argsort(-both[:, 0], kind="stable")[: max(N_NEAR, len(both) // 2)]]
        x, y = both.T
        dx, dy = (np.subtract.outer(v, v)[np.triu_indices(len(v), 1)] for v in (x, y))
        slopes = dy[dx != 0] / dx[dx != 0]
        slope = (len(x) * np.median(slopes) + PRIOR_CANDIDATES) / (len(x) + PRIOR_CANDIDATES) if len(slopes) else 1.0
        offset = float(np.median(y - slope * x))
        spread = 1.4826 * float(np.median(np.abs(y - slope * x - offset)))
        return offset + float(slope) * score, spread**2 * (1 + PRIOR_CANDIDATES / len(x))

    def _both(self, level: int) -> Floats:
        """Return the scores of complete candidates on a rung, and over all folds."""
        both = self.known[:, [level, -1]]
        return both[~np.isnan(both).any(axis=1)]


class Ladder(Race):
    """Asynchronous successive halving in the order of candidates: rungs on one fold, this fold in full, the others.

    Parameters
    ----------
    name : str
        What the resource is called.
    resources : sequence of int
        How much of it a fit has on each rung, and in full.
    fold : int
        The fold of the ladder.
    factor : float
        About one in so many goes on, and rungs differ by so much.
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

    def __init__(
        self,
        name: str,
        resources: Sequence[int],
        fold: int,
        factor: float,
        is_raced: bool,
        score_of: Callable[[Any], float] = float,
    ) -> None:
        super().__init__(score_of)
        self.resources = tuple(resources)
        self.notes: list[str] = []
        self._name, self._fold, self._factor, self._is_raced = name, fold, factor, is_raced
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
        known = np.array(self._known).reshape(-1, self._n_rungs + 2)
        is_known = np.isfinite(known[:, -1]).sum() >= MIN_COMPLETE
        return Standing(known, self._factor, rival) if is_known else None

    def order(self, number: int, n_calls: int, rival: Any) -> list[int]:
        n_folds = n_calls - self._n_rungs
        first = self._fold if self._rungs else number  # a race alone begins with one fold after the other
        return [*self._rungs, *(self._n_rungs + fold for fold in fold_order(first, n_folds))]

    def is_lost(self, rival: Any, results: Sequence[Any]) -> bool:
        folds = results[self._n_rungs :]
        if isinstance(rival, Rival):
            return super().is_lost(rival, folds)
        level = self._level(results)
        if level is not None and rival.is_behind(level, self._scores(results)[self._index(level)]):
            return True
        has_begun = any(result is not None for result in folds)
        return rival.rival is not None and has_begun and super().is_lost(rival.rival, folds)

    def estimate(self, rival: Any, results: Sequence[Any]) -> tuple[float, float]:
        folds = results[self._n_rungs :]
        if isinstance(rival, Rival):
            return super().estimate(rival, folds)
        level = self._level(results)
        if level is None:
            return super().estimate(rival.rival, folds)
        return cast(Standing, rival).estimate(level, float(self._scores(results)[self._index(level)]))

    def _level(self, results: Sequence[Any]) -> int | None:
        """Return the highest rung that a candidate has reached, or the fold of the ladder; None beyond that."""
        run = [i for i, result in enumerate(results) if result is not None]
        if run[-1] < self._n_rungs:
            return run[-1]
        is_first = sum(i >= self._n_rungs for i in run) == 1
        return self._n_rungs if is_first else None

    def _index(self, level: int) -> int:
        return level + self._fold if level == self._n_rungs else level


def _rank_correlation(one: Floats, other: Floats) -> float:
    """Return Spearman's rank correlation; 0 for scores that are all the same, if the others are not."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float(np.ptp(other) == 0)
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
