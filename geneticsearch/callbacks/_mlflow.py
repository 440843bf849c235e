"""A search as runs of MLflow."""

from __future__ import annotations

import math
import os
import re
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

from geneticsearch._errors import require
from geneticsearch.callbacks._base import Callback, Outcome, SearchInfo, interval
from geneticsearch.evolution import Individual
from geneticsearch.space import flatten, short


@dataclass(eq=False)
class MLflowCallback(Callback):
    """Writes a search to MLflow: a run for the search, and nested in it a run for each candidate.

    The run of a candidate has its parameters, its ``score``, the time of its evaluation, tags that say where it came
    from, and the status FAILED if it failed. The run of the search has the metric ``best_score`` at each improvement
    and, at its end, the best parameters, ``n_candidates`` and the tag ``stop_reason``. Its status is FAILED or KILLED
    if an exception or an interrupt ended the search.

    If a run is active, the run of the search is nested in it. The active run stays the active one, whatever happens.
    Autologging (``mlflow.autolog``) pauses until the search ends: it would write a run for each fit of each fold. The
    final refit is logged.

    Needs ``pip install "geneticsearch[mlflow]"``, which can write to a tracking server or a database; the page that
    shows the runs comes with ``pip install mlflow``.

    Parameters
    ----------
    run_name : str, default='geneticsearch'
        Name of the run of the search.
    experiment_name : str or None, default=None
        Experiment of the runs, created if there is none of that name. None takes the experiment of the active run, or
        else the one chosen by ``mlflow.set_experiment`` or the environment.
    tracking_uri : str or None, default=None
        Where to write. None takes the address chosen by ``mlflow.set_tracking_uri`` or the environment.

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
        mlflow = require("mlflow", "`MLflowCallback`")
        from mlflow.utils.autologging_utils import disable_autologging

        self._client = mlflow.MlflowClient(self.tracking_uri)
        self._best: Individual | None = None
        # The active run and the chosen experiment belong to the store that MLflow writes to by default.
        active = mlflow.active_run() if self.tracking_uri is None else None
        chosen = os.environ.get("MLFLOW_EXPERIMENT_ID") if self.tracking_uri is None else None
        self._experiment_id: Any = chosen if active is None else active.info.experiment_id
        if self._experiment_id is None or self.experiment_name is not None:
            name = self.experiment_name or os.environ.get("MLFLOW_EXPERIMENT_NAME", "Default")
            found = self._client.get_experiment_by_name(name)
            self._experiment_id = found.experiment_id if found else self._client.create_experiment(name)
        self.run_id = self._create_run(self.run_name, time.time(), None if active is None else active.info.run_id)
        self._without_autologging = disable_autologging()
        self._without_autologging.__enter__()

    def on_result(self, individual: Individual, best: Individual | None) -> bool | None:
        self._best = best
        start, end = interval(individual)
        tags = {
            "species": individual.species,
            "origin": individual.origin,
            "generation": str(individual.generation),
            "parents": ", ".join(map(str, individual.parents)),
        }
        run_id = self._create_run(f"candidate {individual.number}", start, self.run_id, tags)
        self._log_params(run_id, individual)
        score = math.nan if individual.score is None else individual.score
        is_scored = math.isfinite(score)
        if is_scored:
            self._client.log_metric(run_id, "score", score, timestamp=_milliseconds(end))
        with redirect_stdout(StringIO()):  # where MLflow prints the address of each run that ends
            self._client.set_terminated(run_id, "FINISHED" if is_scored else "FAILED", _milliseconds(end))
        return None

    def on_improvement(self, individual: Individual) -> None:
        assert individual.score is not None
        end = _milliseconds(interval(individual)[1])
        self._client.log_metric(self.run_id, "best_score", individual.score, timestamp=end, step=individual.number)

    def on_end(self, outcome: Outcome) -> None:
        self._without_autologging.__exit__(None, None, None)
        del self._without_autologging  # which cannot be copied
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
            re.sub(r"[^\w. -]", "_", re.sub(r"\[(\d+)\]", r".\1", name))[:250]: short(value, 500, digits=None)
            for name, value in flatten(individual.params).items()
        }
        params = [Param(name, value) for name, value in shown.items()]
        for i in range(0, len(params), 100):  # as many as MLflow takes at once
            self._client.log_batch(run_id, params=params[i : i + 100])


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)
