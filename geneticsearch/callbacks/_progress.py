"""Progress bars and lines."""

from __future__ import annotations

import math
import sys
from collections import deque
from typing import Any

from tqdm.auto import tqdm

from geneticsearch.callbacks._base import RECENT, Callback, Outcome, SearchInfo
from geneticsearch.evolution import Individual


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
