"""A search as scalars and hyperparameters of TensorBoard."""

from __future__ import annotations

import math
import os
from collections import deque
from dataclasses import dataclass
from typing import Any

from geneticsearch._errors import require
from geneticsearch.callbacks._base import RECENT, Callback, Outcome, SearchInfo, interval
from geneticsearch.evolution import Individual
from geneticsearch.space import as_number, flatten, short


@dataclass(eq=False)
class TensorBoardCallback(Callback):
    """Writes a search to TensorBoard.

    The SCALARS tab shows, by number of the candidate, its score, the best score so far, and the number of species among
    the latest 20 candidates. The HPARAMS tab shows the parameters, score and status of each candidate.

    Needs TensorBoard, but neither TensorFlow nor PyTorch: ``pip install "geneticsearch[tensorboard]"``.

    Parameters
    ----------
    log_dir : str or path-like
        Directory to write to. Give each search its own, inside the directory that TensorBoard shows.
    hparams : bool, default=True
        Whether to write a directory per candidate, which the HPARAMS tab needs.

    Examples
    --------
    >>> from geneticsearch.callbacks import TensorBoardCallback
    >>> TensorBoardCallback("logs/first")
    TensorBoardCallback(log_dir='logs/first', hparams=True)
    """

    log_dir: str | os.PathLike[str]
    hparams: bool = True

    def on_start(self, search: SearchInfo) -> None:
        require("tensorboard", "`TensorBoardCallback`")
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._recent: deque[str] = deque(maxlen=RECENT)
        self._writer = EventFileWriter(os.fspath(self.log_dir))

    def on_result(self, individual: Individual, best: Individual | None) -> bool | None:
        score = math.nan if individual.score is None else individual.score
        self._recent.append(individual.species)
        scalars = {"search/score": score, "search/species": len(set(self._recent))}
        if best is not None and best.score is not None:
            scalars["search/best_score"] = best.score
        self._write(self._writer, individual, scalars)
        self._writer.flush()
        if self.hparams:
            self._write_candidate(individual, score)
        return None

    def on_end(self, outcome: Outcome) -> None:
        self._writer.close()
        del self._writer  # which cannot be copied

    def _write_candidate(self, individual: Individual, score: float) -> None:
        """Write what TensorBoard calls a session, to its own directory."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        start, end = interval(individual)
        values = {name: _hyperparameter(value) for name, value in flatten(individual.params).items()}
        begun = hparams_pb(values, trial_id=str(individual.number), start_time_secs=start)
        status = api_pb2.STATUS_SUCCESS if math.isfinite(score) else api_pb2.STATUS_FAILURE
        data = plugin_data_pb2.HParamsPluginData(
            session_end_info=plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=end)
        )
        ended = Summary.Value(
            tag=metadata.SESSION_END_INFO_TAG,
            metadata=metadata.create_summary_metadata(data),
            tensor=metadata.NULL_TENSOR,
        )
        writer = EventFileWriter(os.path.join(self.log_dir, "candidates", str(individual.number)))
        writer.add_event(Event(wall_time=start, summary=begun))
        self._write(writer, individual, {"score": score})
        writer.add_event(Event(wall_time=end, summary=Summary(value=[ended])))
        writer.close()

    @staticmethod
    def _write(writer: Any, individual: Individual, scalars: dict[str, float]) -> None:
        """Write the finite ones of some numbers of a candidate."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items() if math.isfinite(value)]
        end = interval(individual)[1]
        writer.add_event(Event(step=individual.number, wall_time=end, summary=Summary(value=values)))


def _hyperparameter(value: Any) -> bool | float | str:
    """Return a value as TensorBoard takes it."""
    number = as_number(value)
    if number is not None:
        return number
    return value if isinstance(value, bool) else short(value, 500, digits=None)
