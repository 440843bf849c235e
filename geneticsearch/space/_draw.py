"""Random values of anything that a space may hold."""

from __future__ import annotations

from typing import Any

import numpy as np


def draw(spec: Any, size: int | None, random_state: Any) -> Any:
    """Return values of anything that a space may hold: what random genes decode to."""
    from geneticsearch.space._space import Space  # which is made of what draws here

    space = Space({"value": spec}, constants=True)
    generator = random_state if hasattr(random_state, "uniform") else np.random.default_rng(random_state)
    points = generator.uniform(size=(1 if size is None else size, len(space.genes)))
    genes = space.complete(points, generator)
    values = [space.decode(row)["value"] for row in genes]
    return values[0] if size is None else values
