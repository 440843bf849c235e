"""What is worth knowing about a result, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geneticsearch.evolution import compress_tail
from geneticsearch.results._history import History
from geneticsearch.results._importance import permutation_importances
from geneticsearch.results._parameters import Parameter, label, parameters_of
from geneticsearch.space import Distribution, bounds, path_in_words

EDGE = 0.02
"""A value within this share of the range is at its edge."""

FASTER = 0.5
"""A candidate is faster if it takes less than this share of the time, and saves `MIN_SECONDS`."""

MIN_SECONDS = 0.005

MIN_EVALUATIONS = 3
"""A species with fewer can hardly be judged."""

N_DRAWS = 1000

UNIMPORTANT = 0.02
"""A parameter does not matter if shuffling it costs the predictions less than this share of the variance, two standard
deviations added; on a sum of squares the weights of such ones are less than a hundredth of the largest."""

EXPLAINED = 0.5
"""Predictions that explain a smaller share of the variance say nothing about that."""

MIN_TO_COMPARE = 50
"""Nor do those from fewer candidates."""

N_FORESTS = 5


def advise(history: History, is_complete: bool) -> list[str]:
    """Return what is worth knowing about the results of a search.

    Parameters
    ----------
    history : History
        Its candidates and their space; larger scores are better.
    is_complete : bool
        Whether the whole space was evaluated.

    Returns
    -------
    list of str
        Sentences; empty if there is nothing to say.
    """
    ranking = history.ranking
    if not len(ranking):
        return []
    unimportant = _unimportant_parameters(history)
    return [
        *_edges(history, int(ranking[0]), unimportant),
        *_faster(history),
        *_optimism(history),
        *_say_unimportant(unimportant),
        *([] if is_complete else _neglected_species(history)),
    ]


def _edges(history: History, best: int, unimportant: list[str]) -> list[str]:
    """Name the ranges at whose edge the best candidate lies, but for parameters that do not matter."""
    space = history.space
    if space is None:
        return []
    one = history.individuals[best]
    active = space.active(one.genes[np.newaxis])[0]
    advice = []
    for gene, u, is_active in zip(space.genes, one.genes, active, strict=True):
        distribution = gene.distribution
        if not is_active or not distribution.ordered or path_in_words(gene.path) in unimportant:
            continue
        value = distribution.ppf(float(u))
        low, high = bounds(distribution)
        for side, end, other in ("low", low, high), ("high", high, low):
            if end is None or not (abs(u - (side == "high")) <= EDGE or value == end):
                continue
            wider = _beyond(distribution, end, other)
            if wider is not None:
                name = ("the length of " if gene.structural else "") + path_in_words(gene.path)
                what = "lower" if side == "low" else "higher"
                advice.append(
                    f"The best value of {name}, {_number(value)}, lies at the {side} edge of its range, "
                    f"{_number(end)}. Try {what} ones, to about {_number(wider)}."
                )
                break
    return advice


def _beyond(distribution: Distribution, end: float, other: float | None) -> float | None:
    """Return an end that is a quarter of the range further out; None where there can be nothing."""
    if other is None or end == other:
        return None
    middle = distribution.ppf(0.5)
    first, last = min(end, other), max(end, other)
    is_log = first > 0 and last >= 20 * first and middle < first + 0.3 * (last - first)
    is_whole = isinstance(end, int)
    wider = end * (end / other) ** 0.25 if is_log else end + (end - other) / 4
    if end < other and end >= 0 and wider <= 0:
        wider = end / 2  # nothing tells that it may be negative
    if is_whole:
        wider = math.floor(wider) if end < other else math.ceil(wider)
    # Counts begin at 0 or 1, and shares of something lie between 0 and 1.
    natural = (0, 1) if is_whole else (0,) if end < other else (1,) if first >= 0 else ()
    return None if wider == end or end in natural else wider


def _faster(history: History) -> list[str]:
    """Name the fastest candidate that is within one standard error of the best."""
    if history.folds is None or history.fit_times is None or history.score_times is None:
        return []
    best = history.ranking[0]
    error = history.folds[best].std(ddof=1) / math.sqrt(history.folds.shape[1])
    times = history.fit_times + history.score_times
    close = np.flatnonzero(history.fitness >= history.fitness[best] - error)
    fastest = close[times[close].argmin()]
    if not times[fastest] < min(FASTER * times[best], times[best] - MIN_SECONDS):
        return []
    params = ", ".join(f"{name}={_value(value)}" for name, value in history.individuals[fastest].params.items())
    return [
        f"Candidate {history.individuals[fastest].number} is within one standard error of the best "
        f"({history.scores[fastest]:.4g} of {history.scores[best]:.4g}, ± {error:.2g}) and is fitted and scored "
        f"in {times[fastest]:.2g} s rather than {times[best]:.2g} s: {params}. "
        f"With refit=fastest_within({error:.2g}) such a one is taken."
    ]


def _optimism(history: History) -> list[str]:
    """Tell by how much the best score is likely to be too good, for being the best of many noisy ones.

    A score is a mean over k folds. The noise of a candidate on one fold is what remains of the scores of the better
    half when the means of candidates and of folds are taken away; that of the score is smaller by sqrt(k). The scores
    are then taken for the truth, noise of that size is added anew, and what it adds to the one that comes out best is
    the estimate. It is too large where candidates are so alike that their noise is, and leaves out what all of them
    share: that the folds may be easier, or harder, than other data.
    """
    if history.folds is None or len(history.ranking) < 3:
        return []
    half = history.ranking[: max(3, len(history.ranking) // 2)]
    folds = history.folds[half]
    rest = folds - folds.mean(axis=1, keepdims=True) - folds.mean(axis=0) + folds.mean()
    n, k = folds.shape
    noise = math.sqrt((rest**2).sum() / ((n - 1) * (k - 1)) / k)
    draws = np.random.default_rng(0).normal(0.0, 1.0, (N_DRAWS, n)) * noise
    chosen = (history.fitness[half] + draws).argmax(axis=1)
    optimism = float(draws[np.arange(N_DRAWS), chosen].mean())
    best = history.scores[half[0]]
    if not optimism > 1e-4 * max(abs(best), 1e-12):
        return []
    return [
        f"The best score, {best:.4g}, is the largest of {len(history.ranking)} noisy ones, and likely too good by "
        f"about {optimism:.2g}. Judge the result on data that the search has not seen."
    ]


def _unimportant_parameters(history: History) -> list[str]:
    """Return the names of the parameters of all candidates that do not matter."""
    parameters = parameters_of(history)
    targets = compress_tail(history.fitness)
    if len(targets) < MIN_TO_COMPARE or not targets.any() or not parameters:
        return []
    importances, explained = permutation_importances(parameters, targets, N_FORESTS, random_state=0)
    if explained.mean() < EXPLAINED:
        return []
    most = importances.mean(axis=0) + 2 * importances.std(axis=0)
    best = history.ranking[: len(history.ranking) // 2]
    is_idle = [bound < UNIMPORTANT and _is_spread(one, best) for one, bound in zip(parameters, most, strict=True)]
    return [one.name for one, idle in zip(parameters, is_idle, strict=True) if idle]


def _say_unimportant(names: list[str]) -> list[str]:
    if not names:
        return []
    *others, last = names
    text = f"{', '.join(others)} and {last} do" if others else f"{last} does"
    return [
        f"{text} not seem to matter: a model predicts the scores as well from shuffled values. Fixing what does not "
        "matter leaves more candidates for what does."
    ]


def _is_spread(parameter: Parameter, best: NDArray[np.intp]) -> bool:
    """Return whether all candidates have the parameter, and many of the best have each value, or quarter of its range.

    Otherwise what is bad may hardly have been tried, or be as bad as other things are, and seem not to matter.
    """
    values = parameter.values
    if np.isnan(values).any():
        return False
    if parameter.labels:
        bins = values.astype(int)
    else:
        values = np.log(values) if parameter.is_log and values.min() > 0 else values
        bins = np.digitize(values, np.linspace(values.min(), values.max(), 5)[1:-1])
    counts = np.bincount(bins[best], minlength=bins.max() + 1)
    return bool(counts.min() * len(counts) >= len(best) / 4)


def _neglected_species(history: History) -> list[str]:
    """Name the species that had too few candidates."""
    counts = Counter(one.species for one in history.individuals)
    few = [name for name, n in counts.items() if n < MIN_EVALUATIONS]
    if not few:
        return []
    more = f" and {len(few) - 5} more" if len(few) > 5 else ""
    return [
        f"Too few candidates to judge, less than {MIN_EVALUATIONS} each, had: {'; '.join(few[:5])}{more}. A larger "
        "n_iter would give them a chance."
    ]


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3g}"


def _value(value: Any) -> str:
    return _number(value) if isinstance(value, float) else label(value)
