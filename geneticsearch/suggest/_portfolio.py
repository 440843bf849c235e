"""Portfolios: for each family a handful of parameter sets that together were best on many data sets."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from geneticsearch.space import Distribution, SequenceDistribution, SubsetDistribution
from geneticsearch.suggest._parts import Part

Member = dict[str, Any]
"""For each parameter a quantile of its distribution, which fits all data, or a value of its list."""


@cache
def _portfolios() -> dict[str, list[Member]]:
    """Return the portfolios by family, as `benchmarks/portfolio.py` learned them."""
    text = Path(__file__).with_name("portfolios.json").read_text(encoding="utf-8")
    found: dict[str, list[Member]] = json.loads(text)
    return found


def first_of(part: Part) -> list[dict[str, Any]]:
    """Return what to begin with: the defaults and the portfolio, or without one the middle and the defaults."""
    defaults, members = _default_of(part), members_of(part)
    return [defaults, *members] if members else [_middle_of(part, defaults), defaults]


def members_of(part: Part) -> list[dict[str, Any]]:
    """Return the parameters of the portfolio of an estimator, in its space."""
    found = [_decoded(member, part) for member in _portfolios().get(part.family, [])]
    return [params for params in found if params is not None]


def _decoded(member: Member, part: Part) -> dict[str, Any] | None:
    """Return the parameters of a member; None if the space has none such, because users have decided otherwise."""
    params = part.estimator.get_params(deep=False)
    for space in part.alternatives:
        if all(member[name] in values for name, values in space.items() if name in member and isinstance(values, list)):
            return {
                name: _value(member[name], values) if name in member else _nearest(params[name], values, part.estimator)
                for name, values in space.items()
            }
    return None


def decode(member: Member, space: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a member in one of the alternatives."""
    return {name: _value(coded, space[name]) for name, coded in member.items()}


def _value(coded: Any, values: Any) -> Any:
    if isinstance(values, SequenceDistribution):
        return tuple(_value(one, values.element) for one in coded)
    return values.ppf(coded) if isinstance(values, Distribution) else coded


def _default_of(part: Part) -> dict[str, Any]:
    """Return the defaults of an estimator, or what in its space is nearest to them."""
    params = part.estimator.get_params(deep=False)
    return {name: _nearest(params[name], values, part.estimator) for name, values in _usual_space(part).items()}


def _middle_of(part: Part, defaults: dict[str, Any]) -> dict[str, Any]:
    """Return what the distributions of a predictor are around, with the defaults of what is chosen from a list.

    What is best for a transformer depends on what comes after it, so the middle of its space is no better guess.
    """
    if not hasattr(part.estimator, "predict"):
        return defaults
    return {name: _middle(values, defaults[name]) for name, values in _usual_space(part).items()}


def _middle(values: Any, default: Any) -> Any:
    if isinstance(values, SequenceDistribution):
        return _value([0.5] * values.min_length, values)
    return _value(0.5, values) if isinstance(values, Distribution) else default


def _usual_space(part: Part) -> dict[str, Any]:
    """Return the alternative that holds the defaults; the first if none does."""
    params = part.estimator.get_params(deep=False)
    return next((space for space in part.alternatives if _holds(space, params)), part.alternatives[0])


def _holds(space: dict[str, Any], params: dict[str, Any]) -> bool:
    return all(params[name] in values for name, values in space.items() if isinstance(values, list))


def _nearest(default: Any, values: Any, estimator: Any) -> Any:
    if isinstance(values, list):
        return default if default in values else values[0]
    if isinstance(values, SubsetDistribution):
        return tuple(values.items) if default is None else default
    if not isinstance(values, Distribution) or isinstance(default, tuple):
        return default
    if isinstance(default, int | float) and not isinstance(default, bool):
        low, high = values.ppf(0.0), values.ppf(1.0)
        return min(max(default, low), high)
    is_no_limit = default is None and type(estimator).__module__.startswith("sklearn.")
    return values.ppf(1.0 if is_no_limit else 0.5)  # a word, such as "scale", means what the distribution is around
