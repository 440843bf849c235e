"""Parameter sets that are not bred: the list of a finite space, and which of them constraints allow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from geneticsearch.evolution._archive import Child
from geneticsearch.evolution._breeding import Genotypes, species_of
from geneticsearch.space import Constraints, Genes, Space

MAX_LISTED = 10_000
"""Parameter sets of a finite space that are listed to find those that constraints allow; of larger spaces as many are
drawn at random before the space counts as exhausted."""


def as_children(genes: Genes, origin: str, space: Space) -> list[Child]:
    """Return genotypes without parents as children."""
    genes = space.canonical(np.atleast_2d(genes))
    active = space.active(genes)
    rows = zip(genes, space.keys(genes, active), species_of(genes, active, space), strict=True)
    return [Child(*row, (), origin) for row in rows]


class Listing:
    """Proposes every parameter set of a finite space, in the order of a grid search."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._genes = iter(()) if space.size == math.inf else space.enumerate()

    def propose(self, n_known: int) -> Iterator[Child]:
        """Yield the parameter sets that are left."""
        for genes in self._genes:
            yield from as_children(genes, "exhaustive", self._space)


class Rules:
    """What constraints allow of a space; of a small space each parameter set is checked once, at the beginning.

    Parameters
    ----------
    space : Space
        The space.
    constraints : callable, list of callable or None
        Each takes a dict of parameters and returns whether they are allowed.
    budget : int or None
        A finite space that is no larger is small as well.

    Attributes
    ----------
    size : int or inf
        Number of parameter sets that may be allowed.
    is_open : bool
        Whether what is allowed is not known in advance.
    """

    def __init__(self, space: Space, constraints: Any, budget: int | None) -> None:
        self._space = space
        self._constraints = Constraints(constraints)
        self._allowed: set[bytes] | None = None
        self.size = space.size
        if self._constraints and space.size <= max(MAX_LISTED, budget or 0):
            self._allowed = {child.key for child in Listing(space).propose(0) if self._check(child.genes)}
            self.size = len(self._allowed)
            if not self._allowed:
                raise self._constraints.unsatisfiable(f"all {space.size} of them")
        self.is_open = bool(self._constraints) and self._allowed is None

    def __bool__(self) -> bool:
        return bool(self._constraints)

    def allow(self, genes: Genes, key: bytes) -> bool:
        """Return whether parameters, given as genes and as their key, are allowed."""
        if self._allowed is not None:
            return key in self._allowed
        return self._check(genes)

    def among(self, genotypes: Genotypes) -> np.ndarray:
        """Return which genotypes are allowed."""
        keys = self._space.keys(genotypes.genes, genotypes.active)
        return np.array([self.allow(row, key) for row, key in zip(genotypes.genes, keys, strict=True)], dtype=bool)

    def unsatisfiable(self, n_tried: int) -> Exception:
        """Return the error that none of some parameter sets are allowed."""
        return self._constraints.unsatisfiable(f"all of {n_tried} that were tried")

    def _check(self, genes: Genes) -> bool:
        return not self._constraints or self._constraints.allow(self._space.decode(genes))
