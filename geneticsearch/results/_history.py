"""What became of every candidate of a search, whatever form the search comes in."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geneticsearch._errors import ArgumentError, ArgumentTypeError
from geneticsearch.checkpoint import Checkpoint
from geneticsearch.evolution import Individual
from geneticsearch.space import Space

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """The evaluated candidates of a search, in the order of their numbers.

    Attributes
    ----------
    individuals : list of Individual
        All that have a score, which is NaN for those that failed.
    maximize : bool
        Whether larger scores are better.
    folds : ndarray of shape (n_individuals, n_folds) or None
        Scores on each fold, where there is more than one.
    fit_times, score_times : ndarray of shape (n_individuals,) or None
        Mean seconds of a fit, and of scoring it.
    space : Space or None
        Where they come from, if that is known.
    """

    individuals: list[Individual]
    maximize: bool
    folds: Floats | None = None
    fit_times: Floats | None = None
    score_times: Floats | None = None
    space: Space | None = None

    @property
    def numbers(self) -> NDArray[np.int_]:
        """Numbers of the individuals."""
        return np.array([one.number for one in self.individuals], dtype=int)

    @property
    def scores(self) -> Floats:
        """Scores; NaN for those that failed."""
        return np.array([math.nan if one.score is None else one.score for one in self.individuals], dtype=float)

    @property
    def starts(self) -> Floats:
        """When evaluations began, in seconds since 1970; NaN where nobody knows."""
        return np.array([math.nan if one.start is None else one.start for one in self.individuals], dtype=float)

    @property
    def durations(self) -> Floats:
        """Seconds that evaluations took; NaN where nobody knows."""
        return np.array([math.nan if one.duration is None else one.duration for one in self.individuals], dtype=float)

    @property
    def fitness(self) -> Floats:
        """Scores turned so that larger is better; minus infinity for those that failed."""
        fitness = self.scores if self.maximize else -self.scores
        fitness[~np.isfinite(fitness)] = -np.inf
        return fitness

    @property
    def ranking(self) -> NDArray[np.intp]:
        """Indices of those that have not failed, best first; of equals the earlier first."""
        fitness = self.fitness
        order = np.argsort(-fitness, kind="stable")
        return order[np.isfinite(fitness[order])]


def history_of(source: Any) -> History:
    """Return what became of the candidates of a fitted search, an `OptimizeResult` or a checkpoint; a History as it is.

    A checkpoint is given by its path, or as it was read.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If the search is not fitted, or there is no candidate.
    """
    if isinstance(source, History):
        history = source
    elif isinstance(source, str | os.PathLike):
        history = _of_checkpoint(Checkpoint(source))
    elif isinstance(source, Checkpoint):
        history, source = _of_checkpoint(source), str(source.path)
    elif hasattr(source, "history_"):
        history = _of_search(source)
    elif hasattr(source, "history"):
        individuals = [one for one in source.history if one.score is not None]
        history = History(individuals, source.maximize_fn, space=source._space)
    elif hasattr(source, "param_distributions"):
        raise ArgumentError(f"the search must be fitted; got {source!r}. Call its `fit` first.")
    else:
        raise ArgumentTypeError(
            f"a fitted GeneticSearchCV, an OptimizeResult or the path of a checkpoint is needed; got {source!r}."
        )
    if not history.individuals:
        raise ArgumentError(f"the search has no evaluated candidate yet: {source!r}.")
    return history


def _of_search(search: Any) -> History:
    results = search.cv_results_
    folds = scores_on_folds(results, search.refit)
    return History(
        list(search.history_),
        True,
        folds if folds.shape[1] > 1 else None,
        np.asarray(results["mean_fit_time"], dtype=float),
        np.asarray(results["mean_score_time"], dtype=float),
        search._space,
    )


def scores_on_folds(cv_results: Mapping[str, Any], refit: Any = None) -> Floats:
    """Return the scores on each fold of the metric that is evolved, as an array of shape (n_candidates, n_folds).

    It is the metric that `refit` names, or else the first.
    """
    metric = refit
    if f"split0_test_{metric}" not in cv_results:
        metric = next(key for key in cv_results if key.startswith("split0_test_")).removeprefix("split0_test_")
    columns = takewhile(cv_results.__contains__, (f"split{i}_test_{metric}" for i in count()))
    return np.transpose([cv_results[column] for column in columns]).astype(float)


def _of_checkpoint(checkpoint: Checkpoint) -> History:
    header, records = checkpoint.header, list(checkpoint.records.values())
    folds = [record.fold_scores(header.metric) for record in records]
    is_table = len({len(scores) for scores in folds}) == 1 and len(folds[0]) > 1
    return History(
        [record.individual for record in records],
        header.maximize,
        np.array(folds, dtype=float) if is_table else None,
        _mean_times([[result.fit_time for result in record.results] for record in records]),
        _mean_times([[result.score_time for result in record.results] for record in records]),
    )


def _mean_times(times: list[list[float | None]]) -> Floats | None:
    """Return mean seconds; None if there are none."""
    known = [[time for time in of_candidate if time is not None] for of_candidate in times]
    return np.array([np.mean(one) if one else math.nan for one in known]) if any(known) else None


def frame_of(source: Any) -> Any:
    """Return the candidates of a search as a pandas DataFrame, one row each."""
    try:
        import pandas as pd
    except ImportError:
        raise ImportError('`to_frame` needs pandas: pip install "geneticsearch[pandas]"') from None
    history = history_of(source)
    rows: list[dict[str, Any]] = []
    for one in history.individuals:
        names = ("number", "generation", "species", "origin", "parents", "score", "start", "duration")
        row = {name: getattr(one, name) for name in names}
        rows.append({**row, **{f"param_{name}": value for name, value in one.params.items()}})
    frame = pd.DataFrame(rows)
    if history.folds is not None:
        for i, scores in enumerate(history.folds.T):
            frame[f"split{i}_test_score"] = scores
    if history.fit_times is not None:
        frame["mean_fit_time"] = history.fit_times
        frame["mean_score_time"] = history.score_times
    return frame
