"""Progress bars and lines, which never cost the search: a full or closed terminal is no reason to end it."""

from __future__ import annotations

import math
import sys
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from tqdm import TqdmWarning

from geneticsearch.callbacks._base import RECENT, Callback, Outcome, SearchInfo
from geneticsearch.evolution import Individual, dominated_share, fitness, front_of
from geneticsearch.space import assignments, digits_apart

with warnings.catch_warnings():  # in a notebook without ipywidgets, where the bar is made of letters
    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm


@contextmanager
def _output() -> Iterator[None]:
    """Give up writing where nothing can be written: the disk is full, the file or pipe closed, or there is none."""
    try:
        yield
    except OSError:
        pass
    except (ValueError, AttributeError) as error:
        if not any(text in str(error) for text in ("closed file", "'NoneType' object has no attribute 'write'")):
            raise


def write_lines(lines: Iterable[str], file: Any = None) -> None:
    """Write lines to a file, or to where the progress bar is, and leave the bar in one piece."""
    file = sys.stderr if file is None else file
    with _output():
        for line in lines:
            tqdm.write(line, file=file)


class ProgressBar(Callback):
    """A bar with the candidates done, the best score so far, the species alive and the time that is left.

    By several objectives, the size of the front and the share of its box that it dominates.

    Parameters
    ----------
    verbose : int
        From 2 on, each improvement is a line of its own.
    """

    def __init__(self, verbose: int) -> None:
        self._verbose = verbose

    def on_start(self, search: SearchInfo) -> None:
        self._species: set[str] = set()
        self._recent: deque[str] = deque(maxlen=RECENT)
        self._best: float | None = None
        self._n_stopped = self._n_skipped = 0
        self._shown: dict[str, str] = {}
        self._objectives = search.objectives
        self._front: list[list[float]] = []  # and those that it has left behind
        self._bar: _Bar | None = None
        self._n_recalled = search.n_recalled
        if search.n_recalled:
            n_left = search.n_candidates - search.n_recalled
            write_lines([f"{search.n_recalled} candidates recalled from the checkpoint, {n_left} to go"])
        with _output():
            self._bar = _Bar(
                total=search.n_candidates,
                initial=search.n_recalled,
                desc="Optimizing parameters",
                unit="candidate",
                dynamic_ncols=True,
                bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{time_left}, {rate_fmt}{postfix}]",
            )
            self._bar.max_time = search.max_time

    def on_result(self, individual: Individual, best: Individual | None) -> bool | None:
        self._species.add(individual.species)
        self._recent.append(individual.species)
        if best is individual and self._objectives:
            self._front.append([fitness(*pair) for pair in zip(best.scores, self._objectives, strict=True)])
            front = np.array(self._front)
            self._shown["front"] = str(len(front_of(front)))
            self._shown["hypervolume"] = f"{dominated_share(front):.3f}"
        elif best is individual and best.score is not None:
            self._shown["best"] = digits_apart(best.score, self._best)
        if individual.n_skipped:
            self._n_stopped, self._n_skipped = self._n_stopped + 1, self._n_skipped + individual.n_skipped
            self._shown["stopped"] = f"{self._n_stopped} (-{self._n_skipped} fits)"
        if len(self._species) > 1:
            self._shown["species"] = str(len(set(self._recent)))
        if self._bar is not None:
            with _output():
                self._bar.set_postfix(self._shown, refresh=False)
                self._bar.update(self._n_recalled == 0)
        self._n_recalled = max(self._n_recalled - 1, 0)
        return None

    def on_improvement(self, individual: Individual) -> None:
        if self._verbose > 1:
            params = assignments(individual.params, 40, 4)
            shown = ", ".join(f"{one:.5g}" for one in individual.scores) or self._shown["best"]
            write_lines([f"candidate {individual.number}: {shown} with {params}"])
        self._best = individual.score

    def on_end(self, outcome: Outcome) -> None:
        if self._bar is not None:
            self._bar.is_finished = outcome.stop_reason not in ("error", "interrupted")
            with _output():
                self._bar.close()


class _Bar(tqdm):  # type: ignore[misc]  # tqdm is untyped
    """A bar that may end in another way than by finishing its work."""

    max_time: float | None = None
    is_finished = False

    def display(self, *args: Any, **kwargs: Any) -> Any:
        # In a notebook a bar that ends early is red; not if that is how the search should end.
        if self.is_finished and kwargs.get("bar_style") == "danger":
            kwargs["bar_style"] = "success"
        with _output():  # here, since whoever calls this holds tqdm's lock, and would not let go of it after an error
            return super().display(*args, **kwargs)

    def __del__(self) -> None:
        with suppress(AttributeError):  # by older versions of tqdm, of a bar whose first line could not be written
            super().__del__()

    @property
    def format_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = super().format_dict
        elapsed, n = shown["elapsed"], shown["n"]
        rate = shown["rate"] or ((n - shown.get("initial", 0)) / elapsed if elapsed else 0)
        left = (shown["total"] - n) / rate if rate else math.inf
        if self.max_time is not None:
            left = min(left, max(0.0, self.max_time - elapsed))
        return {**shown, "time_left": tqdm.format_interval(left) if math.isfinite(left) else "?"}
