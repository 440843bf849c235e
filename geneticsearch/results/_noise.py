"""How noisy scores are, and what that makes of the best one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geneticsearch.evolution import looks, possible_gain

if TYPE_CHECKING:
    from geneticsearch.results._history import Floats, History

N_DRAWS = 1000

MIN_CANDIDATES = 3


class CorrectedScore(NamedTuple):
    """The best score, less what the choice of the best among noisy scores has added to it.

    Attributes
    ----------
    value : float
        What models of the best candidate are expected to score on new data, trained on as much data as in a fold.
    error : float
        Standard error of the value.
    """

    value: float
    error: float


def score_noise(folds: Floats) -> float:
    """Return the standard deviation of the noise of a score, which is a mean over folds.

    The noise on one fold is what remains when the means of candidates and of folds are taken away. What all candidates
    share, such as folds that are easier than other data, is left out.

    Parameters
    ----------
    folds : ndarray of shape (n_candidates, n_folds)
        Finite scores of at least two candidates on at least two folds.

    Examples
    --------
    >>> score_noise(np.array([[0.5, 0.7, 0.9], [0.6, 0.8, 1.0]])) < 1e-9  # they differ by the same on all folds
    True
    """
    rest = folds - folds.mean(axis=1, keepdims=True) - folds.mean(axis=0) + folds.mean()
    n, k = folds.shape
    return math.sqrt((rest**2).sum() / ((n - 1) * (k - 1)) / k)


def standard_error(folds: Floats) -> float:
    """Return the standard error of the mean of scores on folds.

    Training sets overlap, so that scores are alike: a fold in k adds 1 / (k - 1) to the 1 / k of independent scores.

    Parameters
    ----------
    folds : ndarray of shape (n_folds,) or (n_candidates, n_folds)
        Finite scores of a candidate on at least two folds, or of several that are taken to be equally noisy.

    References
    ----------
    Nadeau & Bengio (2003), "Inference for the Generalization Error", doi:10.1023/A:1024068626366.

    Examples
    --------
    >>> round(standard_error(np.array([0.5, 0.7, 0.9])), 3)
    0.183
    """
    k = folds.shape[-1]
    return math.sqrt((1 / k + 1 / (k - 1)) * folds.var(axis=-1, ddof=1).mean())


def usual_standard_error(folds: Floats) -> float:
    """Return the standard error as the rule of one standard error has it, where scores on folds count as independent.

    It is too small for what `standard_error` is for.
    """
    return float(folds.std(ddof=1) / math.sqrt(len(folds)))


def better_half(history: History) -> NDArray[np.intp]:
    """Return the candidates, best first, from whose folds the noise of the best score is estimated."""
    half: NDArray[np.intp] = history.complete[: max(MIN_CANDIDATES, len(history.complete) // 2)]
    return half


def done_after(history: History) -> int | None:
    """Return after how many candidates no more was to be gained than the noise of the best score, up to the end.

    It is the number at which `patience='auto'` would have ended the search, unless more seemed possible later on; None
    if more still seems possible, or nothing is known.
    """
    done = None
    for n, gain, error in possible_gains(history):
        if gain >= error:
            break
        done = n
    return done


def possible_gains(history: History) -> Iterator[tuple[int, float, float]]:
    """Yield what was still to be gained after how many candidates, and the standard error of the best, the last first.

    Nothing is yielded where nothing is known: without folds, or for a search whose space is not known.
    """
    if history.folds is None or history.space is None:
        return
    genes = np.array([one.genes for one in history.individuals])
    noise = np.array([one.noise for one in history.individuals], dtype=float)
    for n in reversed(looks(len(genes))):
        complete = history.complete[history.complete < n]
        if not len(complete):
            return
        gain = possible_gain(history.space, genes[:n], history.fitness[:n], noise[:n])
        yield n, gain, standard_error(history.folds[complete[0]])


def corrected_score(history: History) -> CorrectedScore | None:
    """Return the best score, corrected for the luck of being the best of many noisy scores.

    Noise of the size found in the better half of the candidates is added to the scores again, and its average for the
    winner is subtracted. That is too much where candidates are so alike that their noise is alike, too. None with fewer
    than 3 candidates, without folds, or with several objectives.
    """
    if history.objectives or history.folds is None or len(history.complete) < MIN_CANDIDATES:
        return None
    half = better_half(history)
    draws = np.random.default_rng(0).normal(0.0, 1.0, (N_DRAWS, len(half))) * score_noise(history.folds[half])
    chosen = (history.fitness[half] + draws).argmax(axis=1)
    luck = float(draws[np.arange(N_DRAWS), chosen].mean())
    best = float(history.scores[half[0]])
    return CorrectedScore(best - luck if history.maximize else best + luck, standard_error(history.folds[half]))
