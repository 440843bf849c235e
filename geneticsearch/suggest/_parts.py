"""The estimators inside an estimator, and what there is to tune in each."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from geneticsearch._errors import ArgumentError, ArgumentTypeError
from geneticsearch.suggest._data import Data
from geneticsearch.suggest._families import FAMILIES

LEFT_ALONE = {
    "GeneticFeatureSelector",
    "GeneticSearchCV",
    "GridSearchCV",
    "HalvingGridSearchCV",
    "HalvingRandomSearchCV",
    "RFE",
    "RFECV",
    "RandomizedSearchCV",
    "SelectFromModel",
    "SequentialFeatureSelector",
}
"""The estimator inside one of these only ranks features or is tuned by it, so tuning it as well would be in vain."""

KEEP_FEATURES = {
    "FunctionTransformer",
    "IterativeImputer",
    "KNNImputer",
    "MaxAbsScaler",
    "MinMaxScaler",
    "PowerTransformer",
    "QuantileTransformer",
    "RobustScaler",
    "SimpleImputer",
    "StandardScaler",
}
"""After these there are as many features as before."""

EFFORT = {"max_iter", "tol"}
"""Whoever sets one of these has decided how long a fit may take, and not between alternatives."""

_registered: dict[type, Any] = {}


def register_space(estimator_class: type, space: Mapping[str, Any] | list[dict[str, Any]]) -> None:
    """Set what `suggest_space` suggests for estimators of a class.

    Parameters
    ----------
    estimator_class : type
        The class. Subclasses are included, unless they have a space of their own.
    space : dict or list of dict
        Names of its parameters, as its `__init__` has them, and their possible values, as for `GeneticSearchCV`. An
        empty dict says that there is nothing to tune.

    Examples
    --------
    >>> from geneticsearch import LogUniformDistribution, register_space, suggest_space
    >>> from sklearn.gaussian_process import GaussianProcessRegressor
    >>> register_space(GaussianProcessRegressor, {"alpha": LogUniformDistribution(1e-10, 1)})
    >>> list(suggest_space(GaussianProcessRegressor()))
    ['alpha']
    """
    if not isinstance(estimator_class, type):
        raise ArgumentTypeError(f"`estimator_class` must be a class; got {estimator_class!r}.")
    if not isinstance(space, Mapping | list) or not all(isinstance(one, Mapping) for one in _listed(space)):
        raise ArgumentTypeError(f"`space` must be a dict or a list of dicts; got {space!r}.")
    _registered[estimator_class] = space


@dataclass(frozen=True)
class Part:
    """An estimator inside another one, or the outermost one itself.

    Attributes
    ----------
    prefix : str
        What precedes the names of its parameters, such as ``"svc__"``.
    estimator : object
        The estimator.
    alternatives : list of dict
        Its space, by its own names of parameters.
    family : str
        Name of the class whose portfolio it takes; empty for a registered one.
    """

    prefix: str
    estimator: Any
    alternatives: list[dict[str, Any]]
    family: str


def parts_of(estimator: Any, data: Data, prefix: str = "") -> Iterator[Part]:
    """Yield what there is to tune, from the outside to the inside."""
    kind = type(estimator)
    spaces, family = _spaces_of(kind, data)
    children = _children(estimator)
    if spaces is None and not children and hasattr(estimator, "predict") and not hasattr(estimator, "transform"):
        raise ArgumentError(
            f"No space is known for {kind.__name__}. Write its space yourself, or register it once: "
            f"`register_space({kind.__name__}, {{...}})`; an empty dict if there is nothing to tune."
        )
    alternatives = _free(spaces or [], estimator)
    if any(alternatives):
        yield Part(prefix, estimator, alternatives, family)
    if kind.__name__ not in LEFT_ALONE:
        for name, child in children.items():
            yield from parts_of(child, _data_inside(estimator, name, data), f"{prefix}{name}__")


def _spaces_of(kind: type, data: Data) -> tuple[list[dict[str, Any]] | None, str]:
    """Return the space of a class, or None if it is unknown, and the name of its family."""
    for base in kind.__mro__:
        if base in _registered:
            return _listed(_registered[base]), ""
        name = f"{base.__module__.partition('.')[0]}.{base.__name__}"
        if name in FAMILIES:
            return _listed(FAMILIES[name](data)), base.__name__
    return None, ""


def _listed(space: Any) -> list[dict[str, Any]]:
    return [dict(space)] if isinstance(space, Mapping) else [dict(one) for one in space]


def _children(estimator: Any) -> dict[str, Any]:
    """Return the estimators that are parameters of an estimator: its steps, members, or the one that it wraps."""
    params = estimator.get_params(deep=True)
    return {
        name: value
        for name, value in params.items()
        if "__" not in name and hasattr(value, "fit") and hasattr(value, "get_params") and not isinstance(value, type)
    }


def _free(alternatives: list[dict[str, Any]], estimator: Any) -> list[dict[str, Any]]:
    """Return the alternatives without what the user has decided: parameters that differ from their defaults."""
    params = estimator.get_params(deep=False)
    known = _defaults_of(estimator)
    fixed = {name for name, value in params.items() if name in known and not _same(value, known[name])}
    unavailable = {name for space in alternatives for name in space if params.get(name, "deprecated") == "deprecated"}
    agreeing = [
        space
        for space in alternatives
        if not any(isinstance(space.get(name), list) and params[name] not in space[name] for name in fixed - EFFORT)
    ]
    if alternatives and not agreeing:  # the user has decided for none of them, and only what all have makes sense
        first, *others = alternatives
        agreeing = [{name: value for name, value in first.items() if all(name in space for space in others)}]
    return [{name: value for name, value in space.items() if name not in fixed | unavailable} for space in agreeing]


def _defaults_of(estimator: Any) -> dict[str, Any]:
    """Return the default values of an estimator's parameters."""
    try:
        found: dict[str, Any] = type(estimator)().get_params(deep=False)
    except TypeError:  # some parameters have no default
        parameters = inspect.signature(type(estimator)).parameters
        found = {name: one.default for name, one in parameters.items() if one.default is not inspect.Parameter.empty}
    return found


def _same(value: Any, default: Any) -> bool:
    """Return whether a parameter has its default value; anything that cannot be compared does not."""
    if value is default:
        return True
    try:
        return bool(type(value) is type(default) and value == default) or (value != value and default != default)
    except (TypeError, ValueError):
        return False


def _data_inside(estimator: Any, name: str, data: Data) -> Data:
    """Return what is known of the data that an estimator inside another one gets."""
    if hasattr(estimator, "steps"):
        before = [step for _, step in takewhile(lambda one: one[0] != name, estimator.steps) if hasattr(step, "fit")]
        keeps = all(type(step).__name__ in KEEP_FEATURES for step in before)
        return replace(data, variance=1.0, n_features=data.n_features if keeps else None) if before else data
    if hasattr(estimator, "transformers") and hasattr(estimator, "remainder"):
        columns = next((columns for one, _, columns in estimator.transformers if one == name), None)
        return replace(data, variance=1.0, n_features=len(columns) if isinstance(columns, list) else None)
    if name == "final_estimator":
        return replace(data, variance=1.0, n_features=None)
    if name == "regressor":  # its target is transformed
        return replace(data, spread=1.0)
    return data
