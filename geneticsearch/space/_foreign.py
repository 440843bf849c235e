"""Distributions that other searches describe their spaces with."""

from __future__ import annotations

import math
from typing import Any

from geneticsearch.space._choice import ChoiceDistribution
from geneticsearch.space._distribution import Distribution
from geneticsearch.space._numbers import LogUniformDistribution, UniformDistribution

PACKAGES = ("optuna", "sklearn_genetic", "skopt")
"""Packages whose distributions are understood, so that their users need not write their space anew. They are told by
the attributes of their objects, since none of them is imported here."""


def translated(value: Any) -> Distribution | None:
    """Return the distribution that a description of one of these packages stands for; None for all else."""
    if type(value).__module__.partition(".")[0] not in PACKAGES:
        return None
    choices = getattr(value, "choices", getattr(value, "categories", None))
    if choices is not None:
        return ChoiceDistribution(list(choices), getattr(value, "priors", None) or "uniform")
    low = getattr(value, "low", getattr(value, "lower", None))
    high = getattr(value, "high", getattr(value, "upper", None))
    if low is None or high is None:
        return None
    if low == high:
        return ChoiceDistribution([low])
    is_log = getattr(value, "log", False) or "log-uniform" in (
        getattr(value, "prior", None),  # of scikit-optimize
        getattr(value, "distribution", None),  # of sklearn-genetic-opt
    )
    is_whole = type(value).__name__.startswith("Int")
    step = getattr(value, "step", None)
    if step is not None and not is_log and not (is_whole and step == 1):
        # Steps begin at the lower end there, while `q` counts from 0.
        return ChoiceDistribution([low + k * step for k in range(math.floor((high - low) / step + 1e-9) + 1)])
    kind = LogUniformDistribution if is_log else UniformDistribution
    return kind(low, high, q=1 if is_whole else None)
