"""Seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError


def draw_seed(seed: Any) -> Any:
    """Return what determines a generator's future: `seed` itself, numbers drawn from it, or fresh entropy."""
    if seed is None:
        return np.random.SeedSequence().entropy
    if isinstance(seed, np.random.RandomState):  # drawn from, so that each call with it differs, as in scikit-learn
        return seed.randint(np.iinfo(np.int32).max, size=4).tolist()
    if isinstance(seed, np.random.BitGenerator):
        seed = np.random.Generator(seed)
    if isinstance(seed, np.random.Generator):
        return seed.integers(np.iinfo(np.int32).max, size=4).tolist()
    return seed


def make_generator(seed: Any) -> np.random.Generator:
    """Return a new generator for whatever users of numpy and scikit-learn call a seed."""
    try:
        return np.random.default_rng(draw_seed(seed))
    except (TypeError, ValueError):
        raise ArgumentError(
            f"`seed` must be a whole number of at least 0, a generator of numpy or None; got {seed!r}."
        ) from None
