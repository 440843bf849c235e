"""What watches a search: the progress bar."""

from __future__ import annotations

import time
from typing import Any

from tqdm.auto import tqdm

from geneticsearch._population import Individual


class ProgressBar:
    """A bar with the candidates done, the best score so far and the time that is left.

    Parameters
    ----------
    total : int
        Number of candidates in the budget.
    max_time : float or None
        Seconds after which the search ends, if it has not before.
    """

    def __init__(self, total: int, max_time: float | None = None) -> None:
        self._bar: Any = tqdm(total=total, desc="Optimizing parameters", unit="candidate", dynamic_ncols=True)
        self._species: set[str] = set()
        self._ends = None if max_time is None else time.monotonic() + max_time
        self._best: tuple[int, float] | None = None

    def update(self, individual: Individual, score: float, best: Individual | None) -> None:
        """Take note of one more evaluated individual."""
        self._species.add(individual.species)
        if best is individual:
            self._best = (individual.number, score)
        shown: dict[str, str] = {}
        if self._best is not None:
            shown["best"] = f"{self._best[1]:.5g}"
        if len(self._species) > 1:
            shown["species"] = str(len(self._species))
        if self._ends is not None:
            shown["time left"] = f"{max(0.0, self._ends - time.monotonic()):.0f}s"
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()
