"""Experiment trackers: MLflow and TensorBoard."""

from __future__ import annotations

import math
import os
import re
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from numbers import Real
from typing import Any

from geneticsearch.callbacks._base import RECENT, Callback, Outcome, SearchInfo
from geneticsearch.evolution import Individual


@dataclass(eq=False)
class MLflowCallback(Callback):
    """Writes a search to MLflow: a run for the search, and nested in it a run for each candidate.

    The run of a candidate has its parameters, its ``score``, the time of its evaluation, tags that say where it came
    from, and the status FAILED if it failed. The run of the search has the metric ``best_score`` at each improvement,
    at its end the best parameters, ``n_candidates`` and the tag ``stop_reason``, and the status FAILED or KILLED if an
    exception or an interrupt ended it.

    If a run is active, that of the search is nested in it. Which run is active never changes, whatever happens.

    Needs ``pip install "geneticsearch[mlflow]"``, which can write to a tracking server or a database; the page that
    shows them comes with ``pip install mlflow``.

    Parameters
    ----------
    run_name : str, default='geneticsearch'
        Name of the run of the search.
    experiment_name : str or None, default=None
        Experiment of the runs, created where there is none. None takes that of the active run, or else the one that
        ``mlflow.set_experiment`` or the environment chose.
    tracking_uri : str or None, default=None
        Where to write. None takes what ``mlflow.set_tracking_uri`` or the environment chose.

    Attributes
    ----------
    run_id : str
        The run of the latest search.

    Examples
    --------
    >>> from geneticsearch.callbacks import MLflowCallback
    >>> MLflowCallback(experiment_name="digits", tracking_uri="http://localhost:5000")
    MLflowCallback(run_name='geneticsearch', experiment_name='digits', tracking_uri='http://localhost:5000')
    """

    run_name: str = "geneticsearch"
    experiment_name: str | None = None
    tracking_uri: str | None = None

    def on_start(self, search: SearchInfo) -> None:
        try:
            import mlflow
        except ImportError:
            raise ImportError('`MLflowCallback` needs mlflow: pip install "geneticsearch[mlflow]"') from None
        self._client = mlflow.MlflowClient(self.tracking_uri)
        self._best: Individual | None = None
        # What is active or chosen belongs to the store that MLflow writes to by itself.
        active = mlflow.active_run() if self.tracking_uri is None else None
        chosen = os.environ.get("MLFLOW_EXPERIMENT_ID") if self.tracking_uri is None else None
        self._experiment_id: Any = chosen if active is None else active.info.experiment_id
        if self._experiment_id is None or self.experiment_name is not None:
            name = self.experiment_name or os.environ.get("MLFLOW_EXPERIMENT_NAME", "Default")
            found = self._client.get_experiment_by_name(name)
            self._experiment_id = found.experiment_id if found else self._client.create_experiment(name)
        self.run_id = self._create_run(self.run_name, time.time(), None if active is None else active.info.run_id)

    def on_result(self, individual: Individual, score: float, best: Individual | None) -> bool | None:
        self._best = best
        start, end = _times(individual)
        tags = {
            "species": individual.species,
            "origin": individual.origin,
            "generation": str(individual.generation),
            "parents": ", ".join(map(str, individual.parents)),
        }
        run_id = self._create_run(f"candidate {individual.number}", start, self.run_id, tags)
        self._log_params(run_id, individual)
        if math.isfinite(score):
            self._client.log_metric(run_id, "score", score, timestamp=_milliseconds(end))
        status = "FINISHED" if math.isfinite(score) else "FAILED"
        with redirect_stdout(StringIO()):  # where MLflow prints the address of each run that ends
            self._client.set_terminated(run_id, status, _milliseconds(end))
        return None

    def on_improvement(self, individual: Individual, score: float) -> None:
        end = _milliseconds(_times(individual)[1])
        self._client.log_metric(self.run_id, "best_score", score, timestamp=end, step=individual.number)

    def on_end(self, outcome: Outcome) -> None:
        client, best = self._client, self._best
        if best is not None:
            self._log_params(self.run_id, best)
        client.log_metric(self.run_id, "n_candidates", outcome.n_kept)
        client.set_tag(self.run_id, "stop_reason", outcome.stop_reason)
        client.set_terminated(self.run_id, {"error": "FAILED", "interrupted": "KILLED"}.get(outcome.stop_reason))

    def _create_run(self, name: str, start: float, parent: Any, tags: dict[str, str] | None = None) -> Any:
        nested = {} if parent is None else {"mlflow.parentRunId": parent}
        run = self._client.create_run(self._experiment_id, _milliseconds(start), {**nested, **(tags or {})}, name)
        return run.info.run_id

    def _log_params(self, run_id: str, individual: Individual) -> None:
        from mlflow.entities import Param

        # Names hold no brackets, and servers before MLflow 2.8 take values of at most 500 characters.
        shown = {
            re.sub(r"[^\w. -]", "_", re.sub(r"\[(\d+)\]", r".\1", name))[:250]: str(value)[:500]
            for name, value in _flat(individual.params)
        }
        params = [Param(name, value) for name, value in shown.items()]
        for i in range(0, len(params), 100):  # as many as MLflow takes at once
            self._client.log_batch(run_id, params=params[i : i + 100])


@dataclass(eq=False)
class TensorBoardCallback(Callback):
    """Writes a search to TensorBoard.

    The SCALARS tab has, over the numbers of the candidates, their scores, the best score so far, and how many species
    the latest 20 candidates belong to. The HPARAMS tab has the parameters, score and status of each candidate.

    Needs TensorBoard, but neither TensorFlow nor PyTorch: ``pip install "geneticsearch[tensorboard]"``.

    Parameters
    ----------
    log_dir : str or path-like
        Directory to write to. Each search should have one of its own, inside of that which TensorBoard shows.
    hparams : bool, default=True
        Whether to write what the HPARAMS tab needs: a directory per candidate.

    Examples
    --------
    >>> from geneticsearch.callbacks import TensorBoardCallback
    >>> TensorBoardCallback("logs/first")
    TensorBoardCallback(log_dir='logs/first', hparams=True)
    """

    log_dir: str | os.PathLike[str]
    hparams: bool = True

    def on_start(self, search: SearchInfo) -> None:
        try:
            from tensorboard.summary.writer.event_file_writer import EventFileWriter
        except ImportError:
            raise ImportError(
                '`TensorBoardCallback` needs tensorboard: pip install "geneticsearch[tensorboard]"'
            ) from None
        self._recent: deque[str] = deque(maxlen=RECENT)
        self._writer = EventFileWriter(os.fspath(self.log_dir))

    def on_result(self, individual: Individual, score: float, best: Individual | None) -> bool | None:
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
        """Write what TensorBoard calls a session, to a directory of its own."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        start, end = _times(individual)
        values = {
            name: value if isinstance(value, bool) else float(value) if isinstance(value, Real) else str(value)
            for name, value in _flat(individual.params)
        }
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
        """Write numbers of a candidate; those that are none are left out."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items() if math.isfinite(value)]
        end = _times(individual)[1]
        writer.add_event(Event(step=individual.number, wall_time=end, summary=Summary(value=values)))


def _times(individual: Individual) -> tuple[float, float]:
    """Return when its evaluation began and ended, in seconds since 1970; where nobody knows, that is now."""
    if individual.start is None or individual.duration is None:
        return time.time(), time.time()
    return individual.start, individual.start + individual.duration


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield names and values of parameters; of dicts and sequences those inside.

    Examples
    --------
    >>> dict(_flat({"layers": [{"width": 8}, {"width": 16}], "kernel": "rbf"}))
    {'layers[0].width': 8, 'layers[1].width': 16, 'kernel': 'rbf'}
    """
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and value:
        for k, part in enumerate(value):
            yield from _flat(part, f"{name}[{k}]")
    else:
        yield name, value
