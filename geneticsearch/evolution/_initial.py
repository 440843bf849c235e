"""The first individuals: those that users gave, a portfolio, and points that fill the space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import qmc

from geneticsearch._errors import ArgumentError
from geneticsearch.evolution._archive import Child
from geneticsearch.evolution._listing import Rules, as_children
from geneticsearch.space import Genes, Space

MAX_POINTS = 16_384
"""Points of the Sobol sequence that are tried if constraints refuse most of them."""


class Design:
    """Proposes the first individuals: given ones, a portfolio, then points of a scrambled Sobol sequence."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._children: dict[bytes, Child] = {}
        self._n_proposed = 0

    def __len__(self) -> int:
        return len(self._children)

    def add(self, genes: Sequence[Genes], rules: Rules) -> None:
        """Add genes that users gave; raise an error if they are malformed or not allowed."""
        for given in genes:
            array, n_genes = np.asarray(given, dtype=float), len(self._space.genes)
            if array.shape != (n_genes,) or not ((array >= 0) & (array <= 1)).all():
                raise ArgumentError(
                    f"`initial` must hold arrays of {n_genes} genes in [0, 1], such as `space.encode` returns; "
                    f"got {given!r}."
                )
            (child,) = as_children(array, "given", self._space)
            if not rules.allow(child.genes, child.key):
                raise ArgumentError(
                    f"`initial` must be allowed by `constraints`; got the genes of {self._space.decode(array)!r}."
                )
            self._children.setdefault(child.key, child)

    def add_portfolio(self, genes: Sequence[Genes], rules: Rules) -> None:
        """Add genes that were suggested, as far as they are allowed."""
        for one in genes:
            (child,) = as_children(one, "portfolio", self._space)
            if rules.allow(child.genes, child.key):
                self._children.setdefault(child.key, child)

    def fill(self, n: int, rules: Rules, rng: np.random.Generator) -> None:
        """Add the first `n` points of a Sobol sequence that are allowed, of at most 16,384."""
        dimension = len(self._space.genes)
        if dimension == 0:
            return
        sampler = qmc.Sobol(min(dimension, qmc.Sobol.MAXDIM), scramble=True, seed=rng)
        allowed: list[Child] = []
        while len(allowed) < n and sampler.num_generated < MAX_POINTS:
            points = sampler.random(max(16, sampler.num_generated))
            rest = rng.random((len(points), dimension - points.shape[1]))
            genes = self._space.complete(np.hstack([points, rest]), rng)
            children = as_children(genes, "initial", self._space)
            allowed += [child for child in children if rules.allow(child.genes, child.key)]
        if not allowed and not self._children and rules.is_open:
            raise rules.unsatisfiable(sampler.num_generated)
        for child in allowed[:n]:
            self._children.setdefault(child.key, child)

    def propose(self, n_known: int) -> Iterator[Child]:
        """Yield the individuals that are left."""
        while self._n_proposed < len(self._children):
            self._n_proposed += 1
            yield list(self._children.values())[self._n_proposed - 1]
