"""How sure a result is, in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geneticsearch.results._noise import MIN_CANDIDATES, better_half, score_noise

if TYPE_CHECKING:
    from geneticsearch.results._history import History


def certainty(history: History) -> list[str]:
    """Return how much the best score and the choice of the best candidate owe to chance, as sentences."""
    if history.best is None:
        return []
    if history.folds is None:
        return ["Each candidate has a single score, which does not show how much another evaluation would differ."]
    complete = history.complete
    folds = history.folds[complete[0]]
    said = [
        f"The best score is a mean over {len(folds)} folds, on which it was {folds.min():.3g} to {folds.max():.3g}: "
        "expect other data of the size of a fold to differ as much."
    ]
    if len(complete) < MIN_CANDIDATES:
        return said
    noise = math.sqrt(2) * score_noise(history.folds[better_half(history)])
    if noise > 0:
        n_alike = int((history.fitness[complete[1:]] >= history.fitness[complete[0]] - 2 * noise).sum())
        others = {0: "No other candidate is", 1: "1 other candidate is"}.get(n_alike, f"{n_alike} other candidates are")
        choice = (
            "so chance decided between them: choose by what else matters to you, such as speed or simplicity"
            if n_alike
            else "so it is better by more than chance"
        )
        said.append(f"{others} within {2 * noise:.2g} of it, twice the noise of a difference between scores, {choice}.")
    return said
