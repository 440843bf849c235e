"""A search as a study of Optuna."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, require
from geneticsearch.checkpoint import plain
from geneticsearch.results._history import History
from geneticsearch.results._parameters import Parameter
from geneticsearch.results._sources import history_of
from geneticsearch.space import ChoiceDistribution, Distribution, as_number, bounds, path_in_words, short


def to_optuna(source: Any, study: Any = None) -> Any:
    """Return a study of Optuna with a trial for each candidate of a search.

    The pictures of ``optuna.visualization`` and optuna-dashboard then show the search.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result of `optimize`, or a checkpoint, whose search may still be running.
    study : optuna.Study or None, default=None
        The study to add the trials to, which may lie in a database. None makes a new one in memory.

    Returns
    -------
    optuna.Study
        Trials are in the order of the candidates, in state FAIL where those failed. Their parameters are numbers and
        texts; dicts and sequences are opened, as in ``layers[0].width``, and a trial may lack some. Ranges are those of
        the space, or of the values that were tried where the space is not known, as with a checkpoint, or unbounded.
        Parameters that never change are left out. Scores on several folds are the intermediate values, of a single
        objective only; of several, the study has as many directions, and ``fold_scores`` are by the first. The user
        attributes are ``number``, ``generation``, ``species``, ``origin``, ``parents``, ``params`` and ``fold_scores``.

    Raises
    ------
    TypeError
        If `source` is none of these.
    ValueError
        If the search is not fitted, or there is no candidate, or if `study` has another direction.

    Examples
    --------
    >>> import optuna
    >>> from geneticsearch import UniformDistribution, optimize, to_optuna
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> space = {"x": UniformDistribution(-1, 1), "kind": ["a", "b"]}
    >>> result = optimize(lambda params: params["x"] ** 2, space, n_iter=30, seed=0)
    >>> study = to_optuna(result)
    >>> study.direction.name, len(study.trials), study.best_value == result.best_score
    ('MINIMIZE', 30, True)
    >>> study.best_params == result.best_params
    True
    """
    optuna = require("optuna", "`to_optuna`")
    from optuna.study import StudyDirection
    from optuna.trial import TrialState, create_trial

    history = history_of(source)
    of_objectives = list(history.objectives.values()) or [history.maximize]
    directions = [StudyDirection.MAXIMIZE if maximize else StudyDirection.MINIMIZE for maximize in of_objectives]
    names = [one.name.lower() for one in directions]
    if study is None:
        study = optuna.create_study(directions=directions)
    elif study.directions != directions:
        raise ArgumentError(
            f"`study` must have the directions {names!r}, as the search; got "
            f"{[one.name.lower() for one in study.directions]!r}. Create it with `directions={names!r}`."
        )
    columns = {one.name: _column(one, history) for one in history.parameters}
    trials = []
    for i, one in enumerate(history.individuals):
        attributes = {name: getattr(one, name) for name in ("number", "generation", "species", "origin")}
        attributes |= {"parents": list(one.parents), "params": plain(one.params)}
        folds = {} if history.folds is None else dict(enumerate(history.folds[i].tolist()))
        if folds:
            attributes["fold_scores"] = [score if math.isfinite(score) else None for score in folds.values()]
        held = {name: column for name, column in columns.items() if i in column[1]}
        is_scored = not history.failed[i]
        ended = TrialState.PRUNED if one.n_skipped else TrialState.COMPLETE
        trial = create_trial(
            state=ended if is_scored else TrialState.FAIL,
            values=list(one.scores or history.scores[i : i + 1].tolist()) if is_scored else None,
            params={name: values[i] for name, (_, values) in held.items()},
            distributions={name: distribution for name, (distribution, _) in held.items()},
            user_attrs=attributes,
            intermediate_values={}
            if history.objectives  # of which Optuna allows none then
            else {k: score for k, score in folds.items() if math.isfinite(score)},
        )
        if one.start is not None and one.duration is not None:
            trial.datetime_start = datetime.fromtimestamp(one.start)
            trial.datetime_complete = trial.datetime_start + timedelta(seconds=one.duration)
        trials.append(trial)
    study.add_trials(trials)
    return study


def _column(parameter: Parameter, history: History) -> tuple[Any, dict[int, Any]]:
    """Return what Optuna calls the distribution of a parameter, and its value by index of the candidate."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    held = np.flatnonzero(np.isfinite(parameter.values)).tolist()
    values = parameter.values[held].tolist()
    genes = () if history.space is None else history.space.genes
    known = [one.distribution for one in genes if path_in_words(one.path) == parameter.name and not one.structural]
    if parameter.labels:
        listed = [value for one in known if isinstance(one, ChoiceDistribution) for value in one.values]
        # Of other objects Optuna has no more than a text.
        words = {short(value, 24): value for value in listed}
        options = {word: value if isinstance(value, str | bool | None) else word for word, value in words.items()}
        options = {**options, **{word: word for word in parameter.labels if word not in options}}
        values = [options[parameter.labels[int(value)]] for value in values]
        return CategoricalDistribution(list(options.values())), dict(zip(held, values, strict=True))
    ends = [end for one in known for end in _ends(one) if end is not None]
    low, high = min([*values, *ends]), max([*values, *ends])
    is_log = parameter.is_log and low > 0
    step = getattr(known[0], "q", None) if len(known) == 1 and not is_log else None
    if all(float(value).is_integer() for value in [*values, *ends, step or 1]):
        numbers = map(int, values)
        return IntDistribution(int(low), int(high), is_log, step or 1), dict(zip(held, numbers, strict=True))
    return FloatDistribution(low, high, is_log, step), dict(zip(held, values, strict=True))


def _ends(distribution: Distribution) -> tuple[Any, Any]:
    """Return the smallest and the largest number; None where there is no end."""
    if not isinstance(distribution, ChoiceDistribution):
        return bounds(distribution)
    numbers = [value for value in map(as_number, distribution.values) if value is not None]
    return min(numbers, default=None), max(numbers, default=None)
