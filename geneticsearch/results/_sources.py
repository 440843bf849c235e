"""The history of a search, whatever form it comes in; nothing else looks at these."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count, takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.exceptions import NotFittedError

from geneticsearch._errors import ArgumentError, ArgumentTypeError
from geneticsearch.checkpoint import Checkpoint, Result, versions
from geneticsearch.evolution import Individual
from geneticsearch.results._history import Floats, History
from geneticsearch.space import short

SPACES = ("param_distributions", "param_grid", "param_space")
"""What searches call their space."""

OURS = ("params", "generation", "species", "parents", "origin")
"""Columns of `cv_results_` that an individual has as well."""


def history_of(source: Any) -> History:
    """Return what became of the candidates of a search.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str, path-like, other fitted search or History
        A search, its result or its checkpoint; a History is returned as it is.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If the search is not fitted, or has no candidate yet.
    """
    if isinstance(source, History):
        history = source
    elif isinstance(source, str | os.PathLike):
        history = _of_checkpoint(Checkpoint(source))
    elif hasattr(source, "cv_results_"):
        history = _of_search(source)
    elif hasattr(source, "maximize_fn"):
        history = _of_result(source)
    elif hasattr(source, "estimator") and hasattr(source, "get_params"):
        raise NotFittedError(f"the search must be fitted; got {source!r}. Call its `fit` first.")
    else:
        raise ArgumentTypeError(
            f"a fitted search, an OptimizeResult or the path of a checkpoint is needed; got {short(source)}."
        )
    if not history.individuals:
        raise ArgumentError(f"the search has no evaluated candidate yet: {source!r}.")
    return history


def _of_search(search: Any) -> History:
    """Return the history of a fitted search, be it scikit-learn's or ours."""
    results = search.cv_results_
    objectives = getattr(search, "objectives", None) or ()
    metric = objectives[0] if objectives else evolved_metric(results, search.refit)
    folds = scores_on_folds(results, metric)
    individuals = getattr(search, "history_", None)
    params = search.get_params(deep=False)
    if hasattr(search, "param_distributions_"):
        params["param_distributions"] = search.param_distributions_  # rather than "auto"
    return History(
        individuals=_as_individuals(results, metric) if individuals is None else individuals,
        maximize=True,
        metric=_name_of(metric, search.scoring, search.estimator),
        objectives=dict.fromkeys(objectives, True),
        folds=folds if folds.shape[1] > 1 else None,
        columns={
            name: np.asarray(column)
            for name, column in results.items()
            if name not in OURS and not name.startswith("param_")
        },
        space=getattr(search, "_space", None),
        title=f"Search of {_kind_of(search.estimator)}",
        data=_shape_in_words(getattr(search, "_data_shape", ())),
        stop_reason=getattr(search, "stop_reason_", None),
        settings={"estimator": short(search.estimator, 500), **_settings(search, params)},
        versions=versions(),
        chosen=getattr(search, "best_index_", None),
        refit_time=getattr(search, "refit_time_", None),
        notes=getattr(search, "_notes", ()),
    )


def _as_individuals(results: Mapping[str, Any], metric: str) -> list[Individual]:
    """Return the candidates of a search that draws at random, or from a grid."""
    names = [tuple(params) for params in results["params"]]
    species = ["only one" if len(set(names)) == 1 else ", ".join(map(str, one)) for one in names]
    rows = zip(results["params"], species, np.asarray(results[f"mean_test_{metric}"], dtype=float), strict=True)
    return [
        Individual(i, 0, kind, params, (), "initial", np.empty(0), float(score))
        for i, (params, kind, score) in enumerate(rows)
    ]


def evolved_metric(cv_results: Mapping[str, Any], refit: Any = None) -> str:
    """Return which metric of a `cv_results_` is evolved: the one that `refit` names, or else the first."""
    if f"mean_test_{refit}" in cv_results:
        return str(refit)
    return next(key for key in cv_results if key.startswith("mean_test_")).removeprefix("mean_test_")


def _name_of(metric: str, scoring: Any, estimator: Any = None) -> str:
    """Return the name of a metric, which `cv_results_` calls "score" if it is the only one."""
    if metric != "score":
        return metric
    return scoring if isinstance(scoring, str) else _own_metric(estimator) if scoring is None else metric


def _kind_of(estimator: Any) -> str:
    """Return the class of an estimator, or those of the steps of a pipeline."""
    steps = [step for _, step in getattr(estimator, "steps", [])] or [estimator]
    return " → ".join(short(step, 40).split("(")[0] for step in steps)


def _shape_in_words(shape: tuple[int, ...]) -> str | None:
    """Return how many rows and columns data have."""
    names = ("row", "column")
    counts = [f"{n:,} {name}{'' if n == 1 else 's'}" for n, name in zip(shape, names, strict=False)]
    return ", ".join(counts) or None


def _own_metric(estimator: Any) -> str:
    """Return the name of what the method `score` of an estimator returns, so far as it is scikit-learn's own."""
    while hasattr(estimator, "steps"):  # a pipeline has the score of its last step
        estimator = estimator.steps[-1][1]
    score = getattr(type(estimator), "score", None)
    return {ClassifierMixin.score: "accuracy", RegressorMixin.score: "R²"}.get(score, "score")


def scores_on_folds(cv_results: Mapping[str, Any], metric: str) -> Floats:
    """Return the scores on each fold, as an array of shape (n_candidates, n_folds)."""
    columns = takewhile(cv_results.__contains__, (f"split{i}_test_{metric}" for i in count()))
    return np.transpose([cv_results[column] for column in columns]).astype(float)


def _of_result(result: Any) -> History:
    """Return the history of an `OptimizeResult`."""
    return History(
        individuals=[one for one in result.history if one.score is not None],
        maximize=result.maximize_fn,
        metric=next(iter(result._objectives), "score"),
        objectives=result._objectives,
        space=result._space,
        title="Search of a function",
        stop_reason=result.stop_reason,
        settings=_settings(result, {"param_space": result.param_space}),
        versions=versions(),
    )


def _settings(source: Any, params: Mapping[str, Any]) -> dict[str, str]:
    """Return what was searched, and the parameters of a search that are not the default ones, in words."""
    signature = inspect.signature(type(source)).parameters
    settings = {}
    for name, value in params.items():
        if name in SPACES:
            is_one = isinstance(value, Mapping)
            for k, alternative in enumerate([value] if is_one else value):
                for key, values in alternative.items():
                    settings[str(key) if is_one else f"{key} [{k}]"] = short(values, 500, digits=None)
        elif name != "estimator":
            text = short(value, 500, digits=None)
            if text != short(signature[name].default, 500, digits=None):
                settings[name] = text
    return settings


def _of_checkpoint(checkpoint: Checkpoint) -> History:
    """Return the history of a search, which may still be running, as its checkpoint has it."""
    header, records = checkpoint.header, list(checkpoint.records.values())
    results = [record.on_folds for record in records]
    columns = _as_columns(results) if results and _are_fits(results) else {}
    metric = evolved_metric(columns, header.metric) if columns else "score"
    folds = scores_on_folds(columns, metric) if columns else np.empty((0, 0))
    return History(
        individuals=[record.individual for record in records],
        maximize=header.maximize,
        metric=header.objectives[0][0] if header.objectives else _name_of(metric, header.metric),
        objectives=dict(header.objectives),
        folds=folds if folds.shape[1] > 1 else None,
        columns=columns,
        title=f"Search in {checkpoint.path.name}",
        settings={name: one.text for name, one in header.identity.items() if not name.endswith(", as a whole")},
        versions=header.versions,
    )


def _are_fits(results: Sequence[Sequence[Result | None]]) -> bool:
    return all(fold is None or fold.fit_time is not None for folds in results for fold in folds)


def _as_columns(results: Sequence[Sequence[Result | None]]) -> dict[str, NDArray[Any]]:
    """Return what was measured in each fit of each candidate as scikit-learn does in `cv_results_`."""
    columns: dict[str, NDArray[Any]] = {}

    def add(name: str, table: list[list[Any]], is_score: bool = True, is_ranked: bool = False) -> None:
        values = np.array(table, dtype=float)
        if is_score:
            columns.update({f"split{i}_{name}": column for i, column in enumerate(values.T)})
        of_splits = np.ma.masked_invalid(values).mean(axis=1, keepdims=True).filled(np.nan)  # those that ran
        known = values if is_score else np.where(np.isnan(values), of_splits, values)
        columns[f"mean_{name}"], columns[f"std_{name}"] = known.mean(axis=1), known.std(axis=1)
        if is_ranked:
            means = columns[f"mean_{name}"]
            worst_last = np.nan_to_num(means, nan=np.fmin.reduce(means, initial=0.0) - 1)
            columns[f"rank_{name}"] = rankdata(-worst_last, method="min").astype(np.int32)

    def table(value: Callable[[Result], float | None]) -> list[list[Any]]:
        return [[math.nan if fold is None else value(fold) for fold in folds] for folds in results]

    add("fit_time", table(lambda fold: fold.fit_time), is_score=False)
    add("score_time", table(lambda fold: fold.score_time), is_score=False)
    every = [fold for folds in results for fold in folds if fold is not None]
    for metric in max((fold.by_metric for fold in every), key=len):  # a failure may have one score for all metrics
        add(f"test_{metric}", table(partial(_test_score, metric=metric)), is_ranked=True)
        if every[0].train_by_metric:
            add(f"train_{metric}", table(partial(_train_score, metric=metric)))
    return columns


def _test_score(fold: Result, metric: str) -> float:
    return _of_metric(fold.by_metric, metric)


def _train_score(fold: Result, metric: str) -> float:
    return _of_metric(fold.train_by_metric, metric)


def _of_metric(scores: Mapping[str, float], metric: str) -> float:
    """Return the score by a metric, or what stands for the scores of all metrics."""
    return scores[metric] if metric in scores else next(iter(scores.values()))
