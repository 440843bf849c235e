"""Advice on a result, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geneticsearch.evolution import compress_tail, knee
from geneticsearch.results._importance import permutation_importances
from geneticsearch.results._noise import corrected_score, done_after, standard_error, usual_standard_error
from geneticsearch.results._parameters import Parameter
from geneticsearch.space import Distribution, assignments, bounds, digits_apart, path_in_words

if TYPE_CHECKING:
    from geneticsearch.results._history import History

EDGE = 0.02
"""A value within this share of the range is at its edge."""

INSIDE = 0.1
"""A value further from an edge than this share of the range is well inside of it."""

FASTER = 0.5
"""A candidate is faster if it takes less than this share of the time, and saves `MIN_SECONDS` and more than the times
of folds differ."""

MIN_SECONDS = 0.1

MIN_EVALUATIONS = 3
"""A species with fewer can hardly be judged."""

UNIMPORTANT = 0.02
"""A parameter does not matter if shuffling it costs the predictions less than this share of the variance, two standard
deviations added; on a sum of squares, such parameters have weights below a hundredth of the largest."""

EXPLAINED = 0.5
"""Predictions that explain a smaller share of the variance say nothing about parameters."""

MIN_TO_COMPARE = 50
"""Neither do predictions from fewer candidates."""

N_FORESTS = 5

MIN_LATER = 10
"""Fewer candidates than these, beside a portfolio, say little about it."""

MIN_FRONT = 3
"""A smaller front has no knee."""

CHEAP = 0.02
"""A trade costs almost nothing if it takes no more than this share of the range of the front by one objective,"""

MUCH = 0.2
"""and gains this much by another."""


def advise(history: History) -> list[str]:
    """Return advice on the results of a search, as sentences."""
    if history.best is None:
        return []
    if history.objectives:
        return _trades(history)
    unimportant = _unimportant_parameters(history)
    return [
        *_edges(history, unimportant),
        *_faster(history),
        *_optimism(history),
        *_done(history),
        *_portfolio(history),
        *_savings(history),
        *history.notes,
        *_say_unimportant(unimportant),
        *([] if history.is_complete else _neglected_species(history)),
    ]


def _trades(history: History) -> list[str]:
    """Name the knee of a front, and what costs almost nothing by one objective and gains much by another."""
    front, names = history.front, list(history.objectives)
    fitness, ranges = history.fitness_by_objective[front], np.ptp(history.fitness_by_objective[front], axis=0)
    if len(front) < MIN_FRONT or not ranges.all():
        return []

    def told(i: int) -> str:
        scores = zip(names, history.individuals[front[i]].scores, strict=True)
        return ", ".join(f"{name} {score:.4g}" for name, score in scores)

    middle = knee(fitness)
    advice = [f"The knee of the front is candidate {history.numbers[front[middle]]}: {told(middle)}."]
    for k, name in enumerate(names):
        best = int(np.argmax(fitness[:, k]))
        gains = (fitness - fitness[best]) / ranges
        cheap = np.flatnonzero(gains[:, k] >= -CHEAP)
        other, j = max(((i, int(np.argmax(gains[i]))) for i in cheap.tolist()), key=lambda pair: gains[pair])
        if gains[other, j] >= MUCH and other != middle:
            advice.append(
                f"Almost for free: candidate {history.numbers[front[other]]} ({told(other)}) is nearly the best by "
                f"{name} and gains {gains[other, j]:.0%} of the range of the front by {names[j]} over candidate "
                f"{history.numbers[front[best]]} ({told(best)})."
            )
    return advice


def _portfolio(history: History) -> list[str]:
    """Say that what did well on other data is not beaten, if as many candidates have tried."""
    n = sum(one.origin == "portfolio" for one in history.individuals)
    n_later = len(history.individuals) - n
    if history.best is None or history.best.origin != "portfolio" or n_later < max(n, MIN_LATER):
        return []
    return [
        f"The best candidate, {history.best.number}, came from the portfolio, and none of the {n_later} other "
        "candidates is better. Other preprocessing, features or another estimator may gain more than a longer search."
    ]


def _edges(history: History, unimportant: list[str]) -> list[str]:
    """Name the ranges at whose edge the best candidate lies, except those of parameters that do not matter.

    Where a candidate well inside a range is better than the best is after taking off its optimism, it may have come to
    the edge by chance.
    """
    space, best = history.space, history.best
    if space is None or best is None:
        return []
    active = space.active(best.genes[np.newaxis])[0]
    genes = np.array([one.genes for one in history.individuals])
    corrected = corrected_score(history)
    optimism = 0.0 if corrected is None else abs(history.scores[history.ranking[0]] - corrected.value)
    as_good = space.active(genes) & (history.fitness >= np.nanmax(history.complete_fitness) - optimism)[:, np.newaxis]
    advice = []
    for k, (gene, u, is_active) in enumerate(zip(space.genes, best.genes, active, strict=True)):
        distribution = gene.distribution
        if not is_active or not distribution.ordered or path_in_words(gene.path) in unimportant:
            continue
        value = distribution.ppf(float(u))
        low, high = bounds(distribution)
        for side, end, other in ("low", low, high), ("high", high, low):
            if end is None or not (abs(u - (side == "high")) <= EDGE or value == end):
                continue
            if (np.abs(genes[as_good[:, k], k] - u) > INSIDE).any():
                continue
            wider = _beyond(distribution, end, other)
            if wider is not None:
                name = ("the length of " if gene.structural else "") + path_in_words(gene.path)
                further = "lower values, down" if side == "low" else "higher values, up"
                advice.append(
                    f"The best value of {name}, {_number(value)}, lies at the {side} edge of its range, "
                    f"{_number(end)}. Try {further} to about {_number(wider)}."
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
        wider = end / 2  # there is no sign that it may be negative
    if is_whole:
        wider = math.floor(wider) if end < other else math.ceil(wider)
    # Counts begin at 0 or 1, and shares of something lie between 0 and 1.
    natural = (0, 1) if is_whole else (0,) if end < other else (1,) if first >= 0 else ()
    return None if wider == end or end in natural else wider


def _faster(history: History) -> list[str]:
    """Name a candidate within one standard error of the best that is clearly faster; of such, the best."""
    seconds = history.seconds()
    if history.folds is None or seconds is None:
        return []
    best = history.ranking[0]
    error = usual_standard_error(history.folds[best])
    means, spreads = seconds
    is_close = history.fitness >= history.fitness[best] - error
    saved = means[best] - means
    is_faster = (means < FASTER * means[best]) & (saved >= MIN_SECONDS) & (saved > spreads[best] + spreads)
    found = np.flatnonzero(is_close & is_faster & (history.n_skipped == 0))
    if not len(found):
        return []
    fastest = found[means[found].argmin()]
    alike = found[means[found] <= means[fastest] + spreads[found] + spreads[fastest]]
    named = alike[history.fitness[alike].argmax()]
    params = assignments(history.individuals[named].params)
    scores = history.scores[named], history.scores[best]
    return [
        f"Candidate {history.numbers[named]} is within one standard error of the best "
        f"({digits_apart(*scores, least=4)} of {digits_apart(*scores[::-1], least=4)}, ± {error:.2g}) and takes "
        f"{means[named]:.2g} s rather than {means[best]:.2g} s to fit and score: {params}. "
        f"Pass refit=fastest_within({error:.2g}) to select such a candidate."
    ]


def _optimism(history: History) -> list[str]:
    """Say by how much the best score is likely to be too good."""
    best, corrected = history.scores[history.ranking[0]], corrected_score(history)
    amount = 0.0 if corrected is None else abs(best - corrected.value)
    if corrected is None or not amount > 1e-4 * max(abs(best), 1e-12):
        return []
    return [
        f"The best score, {best:.4g}, is the best of {len(history.complete)} noisy scores, and likely too good by "
        f"about {amount:.2g}; corrected, it is {corrected.value:.4g} ± {corrected.error:.2g}. Judge the result on data "
        "that the search has not seen."
    ]


def _done(history: History) -> list[str]:
    """Say since when nothing more was to be gained."""
    n = done_after(history)
    if n is None or history.folds is None:
        return []
    error = standard_error(history.folds[history.ranking[0]])
    return [
        f"After {n} candidates, what a model of the scores deems possible exceeds the best by less than the standard "
        f"error of its score, {error:.2g}. More candidates hardly pay; patience='auto' ends a search there."
    ]


def _savings(history: History) -> list[str]:
    """Say what stopping candidates has saved."""
    return [f"Of {len(history.individuals)} candidates, {history.savings}."] if history.savings else []


def _unimportant_parameters(history: History) -> list[str]:
    """Return the names of the parameters of all candidates that do not matter."""
    parameters = history.parameters
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

    Otherwise bad values may hardly have been tried, or be no worse than the rest, and only seem not to matter.
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
        f"These species had fewer than {MIN_EVALUATIONS} candidates each, too few to judge: "
        f"{'; '.join(few[:5])}{more}. A larger n_iter would give them a chance."
    ]


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3g}"
