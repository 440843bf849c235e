"""The user's nested dict of parameters, and its translation to genes and structure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.space._distribution import Distribution, to_grid
from geneticsearch.space._parser import Parser
from geneticsearch.space._subset import Word
from geneticsearch.space._tree import Branch, Genes
from geneticsearch.space._values import is_number
from geneticsearch.space._wrapped import RvsDistribution


class Space:
    """A parameter space, flattened into genes.

    Parameters
    ----------
    spec : dict or list of dict
        Names and what their values may be; a list holds alternatives.
    name : str, default='space'
        What error messages call it.
    constants : bool, default=False
        Whether a value that is no distribution stands for itself; otherwise it is an error.

    Attributes
    ----------
    genes : tuple of Gene
        The genotype's positions.
    size : int or inf
        Number of different parameter sets.
    ordered, structural, informative : ndarray of bool, of shape (n_genes,)
        Which genes lie on a scale; which decide what others are active; which say something about the value: those of
        an object that only draws do not.
    n_levels : ndarray of shape (n_genes,)
        Number of values of each gene, inf for a continuum.
    subsets : tuple of Subset
        The values that are some of a list of items, each of which several genes may hold.
    independent : ndarray of bool, of shape (n_genes,)
        Which genes may change by themselves: all but the structural ones and, of a subset, all but the first.
    has_uneven_cells : bool
        Whether some gene has levels that are not all equally likely.
    """

    def __init__(self, spec: Any, *, name: str = "space", constants: bool = False) -> None:
        parser = Parser(name, constants)
        self._root = parser.parse_root(spec)
        self.genes = tuple(parser.genes)
        self.subsets = tuple(parser.subsets.values())
        self.size = self._root.size
        self.has_structure = any(gene.structural for gene in self.genes)
        self.structural = np.array([gene.structural for gene in self.genes], dtype=bool)
        distributions = [gene.distribution for gene in self.genes]
        self.ordered = np.array([d.ordered for d in distributions], dtype=bool)
        self.n_levels = np.array([d.n_levels for d in distributions], dtype=float)
        self.informative = self.ordered | np.isfinite(self.n_levels)
        self.independent = ~self.structural
        for subset in self.subsets:
            self.independent[subset.at[1:]] = False
        # Choices and whole numbers mostly have cells of one width, which are moved to their centers all at once.
        even = {i: n for i, n in enumerate(map(_n_even_cells, distributions)) if n}
        self._even, self._n_cells = np.array(list(even), dtype=np.intp), np.array(list(even.values()), dtype=float)
        self._uneven = [(i, d) for i, d in enumerate(distributions) if i not in even and _is_uneven(d)]
        self.has_uneven_cells = any(d.edges() is not None for _, d in self._uneven)

    def canonical(self, genes: Genes, draws: bool = True) -> Genes:
        """Move genes to the center of their cell, so that equal values have equal genes.

        Parameters
        ----------
        genes : ndarray of shape (..., n_genes)
            Genes in [0, 1].
        draws : bool, default=True
            Whether to find out which values of objects that only draw are equal, which takes a draw of each.

        Returns
        -------
        ndarray of shape (..., n_genes)
            A new array.
        """
        moved = to_grid(genes)
        if len(self._even):
            n = self._n_cells
            moved[..., self._even] = (np.minimum(np.floor(genes[..., self._even] * n), n - 1) + 0.5) / n
        for i, distribution in self._uneven:
            if draws or not isinstance(distribution, RvsDistribution):
                moved[..., i] = distribution.canonical(genes[..., i])
        return moved

    def other_levels(self, genes: Genes, which: np.ndarray, rng: np.random.Generator) -> Genes:
        """Move genes that have cells of several widths to another level: a neighbor if they are ordered, or any.

        Parameters
        ----------
        genes : ndarray of shape (n, n_genes)
            Canonical genes.
        which : ndarray of bool, of shape (n, n_genes)
            Which of them to move. Others, and those with cells of one width, stay as they are.
        rng : numpy.random.Generator
            Source of chance; advanced by this call.

        Returns
        -------
        ndarray of shape (n, n_genes)
            A new array of canonical genes. Of the ordered ones at an end of their range half stay there.
        """
        moved = genes.copy()
        for i, distribution in self._uneven:
            edges, rows = distribution.edges(), np.flatnonzero(which[:, i])
            if edges is not None and len(rows):
                last, drawn = len(edges) - 2, rng.random(len(rows))
                level = np.searchsorted(edges[1:-1], genes[rows, i], side="right")
                if self.ordered[i]:
                    level = np.clip(level + np.where(drawn < 0.5, -1, 1), 0, last)
                else:
                    level = (level + 1 + (drawn * last).astype(np.intp)) % (last + 1)
                moved[rows, i] = (edges[level] + edges[level + 1]) / 2
        return moved

    def complete(self, points: np.ndarray, rng: Any) -> Genes:
        """Return genes at points in [0, 1], of shape (n, n_genes); of subsets they say the size, items are random."""
        if not self.subsets:
            return points
        genes = points.copy()
        for subset in self.subsets:
            genes[:, subset.at] = subset.draw(points[:, subset.at[0]], rng)
        return genes

    def active(self, genes: Genes) -> np.ndarray:
        """Return which genes have a part in what canonical `genes` stand for.

        Parameters
        ----------
        genes : ndarray of shape (n, n_genes)
            Genes of n individuals.

        Returns
        -------
        ndarray of bool, of shape (n, n_genes)
            False where a gene is dormant.
        """
        if not self.has_structure:
            return np.ones(genes.shape, dtype=bool)
        active = np.zeros(genes.shape, dtype=bool)
        self._root.mark(genes, np.ones(len(genes), dtype=bool), active)
        return active

    def keys(self, genes: Genes, active: np.ndarray) -> list[bytes]:
        """Return a key per individual: equal where the canonical `genes` that are `active` are."""
        return [row.tobytes() for row in np.where(active, genes, 0.0)]

    def phenotype(self, genes: Genes, active: np.ndarray) -> np.ndarray:
        """Return what a model may see of many individuals.

        Parameters
        ----------
        genes : ndarray of shape (n, n_genes)
            Genes of n individuals.
        active : ndarray of bool, of shape (n, n_genes)
            Their active genes.

        Returns
        -------
        ndarray of shape (n, n_informative + n_items)
            The informative genes; dormant ones as one value that says so: the middle of a scale, a label of its own.
            Then, for each item of all subsets, whether it is a member: 0 or 1, and 1/2 if the subset is dormant.
        """
        seen = dormant_as_one(genes, active, self.ordered)[:, self.informative]
        if not self.subsets:
            return seen
        held = [np.where(active[:, one.at[:1]], one.members(genes), 0.5) for one in self.subsets]
        return np.hstack([seen, *held])

    @property
    def sets(self) -> list[slice]:
        """Which columns of phenotypes are the items of each subset."""
        sets, end = [], int(np.count_nonzero(self.informative))
        for subset in self.subsets:
            start, end = end, end + subset.n_items
            sets.append(slice(start, end))
        return sets

    def species(self, genes: Genes, active: np.ndarray) -> np.ndarray:
        """Return numbers from 0 that are equal for individuals of one species."""
        if not self.has_structure:
            return np.zeros(len(genes), dtype=np.intp)
        numbers: dict[bytes, int] = {}
        keys = self.keys(genes, active & self.structural)
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)

    def decode(self, genes: Genes) -> dict[str, Any]:
        """Return the parameters that `genes` stand for, the very objects of the space; inactive ones are left out."""
        params: dict[str, Any] = self._root.decode(genes.tolist())
        return params

    def describe(self, genes: Genes) -> str:
        """Return the structure of an individual in words."""
        return ", ".join(self._root.describe(genes)) if self.has_structure else "only one"

    def encode(self, params: Mapping[str, Any], name: str = "params", exact: bool = False) -> Genes:
        """Return canonical genes that stand for `params`: the inverse of `decode`.

        Parameters
        ----------
        params : dict
            All parameters of an individual; of a list of dicts, those of the first alternative that can hold them.
            Constants may be left out.
        name : str, default='params'
            What error messages call them.
        exact : bool, default=False
            Whether the space shall remember numbers that lie between two genes, or beyond the last one of an unbounded
            distribution, so that the genes decode to them from now on; otherwise they decode to neighbors.

        Returns
        -------
        ndarray of shape (n_genes,)
            Dormant genes are 0.5, or any items of a subset. Numbers are found again to within 2**-32 of the range of
            their distribution.

        Raises
        ------
        ValueError
            If they are not in the space; the message names the parameter and says why.
        """
        encoded = self._root.encode(params, name)
        genes = self._middle()
        for i, (u, _) in encoded.items():
            genes[i] = u
        genes = self.canonical(genes)
        if exact:
            for i, (_, value) in encoded.items():
                if not self.genes[i].structural and is_number(value):
                    genes[i] = self.genes[i].remember(value, float(genes[i]))
        return genes

    @property
    def remembered(self) -> list[tuple[int, float, float]]:
        """What `encode` has remembered: positions of genes, genes, and the numbers they stand for."""
        return [(i, u, number) for i, gene in enumerate(self.genes) for u, number in gene.exact.items()]

    def remember(self, numbers: Iterable[tuple[int, float, float]]) -> None:
        """Decode what another space has `remembered`, and no other numbers."""
        for gene in self.genes:
            gene.exact.clear()
        for i, u, number in numbers:
            if not 0 <= i < len(self.genes):
                raise ArgumentError(f"There are {len(self.genes)} genes in this space; got the position {i!r}.")
            self.genes[i].distribution.cdf(number)  # raises an error if it is not a value
            self.genes[i].exact[u] = number

    def signature(self) -> Any:
        """Return the genes and how parameters depend on each other: equal for equal spaces."""
        return [[(gene.path, gene.distribution) for gene in self.genes], self._root.outline()]

    def enumerate(self) -> Iterator[Genes]:
        """Yield the genes of every parameter set of a finite space, in the order of a grid search."""
        genes = self._middle()
        for _ in self._root.enumerate(genes):
            yield genes.copy()

    def _middle(self) -> Genes:
        """Return genes to begin with, those that stay dormant: the middle of each range, always the same items."""
        points = np.full((1, len(self.genes)), 0.5)
        genes: Genes = self.complete(points, np.random.default_rng(0))[0]
        return genes

    def examples(self, n: int) -> list[list[dict[str, Any]]]:
        """Return `n` parameter sets of each alternative, always the same ones."""
        rng = np.random.default_rng(0)
        root = self._root
        examples = []
        for i in range(len(root.options) if isinstance(root, Branch) else 1):
            genes = self.complete(rng.random((n, len(self.genes))), rng)
            if isinstance(root, Branch):
                genes[:, root.at] = root.distribution.cdf(i)
            examples.append([self.decode(row) for row in genes])
        return examples

    def structural_mutation(self, genes: Genes, rng: np.random.Generator) -> Genes:
        """Change the structure once: another branch, or elements inserted, removed, moved or swapped.

        Parameters
        ----------
        genes : ndarray of shape (n_genes,)
            Genes of one individual.
        rng : numpy.random.Generator
            Source of chance; advanced by this call.

        Returns
        -------
        ndarray of shape (n_genes,)
            A new array; equal to `genes` only where the structure has no freedom.
        """
        moves = self._root.moves(genes)
        genes = genes.copy()
        if moves:
            node, kind = moves[rng.integers(len(moves))]
            node.move(genes, kind, rng)
        return genes


def dormant_as_one(points: np.ndarray, active: np.ndarray, ordered: np.ndarray | bool) -> np.ndarray:
    """Return points as a model may see them, with one value for all that a candidate does not have.

    Parameters
    ----------
    points : ndarray
        Numbers in [0, 1]; anything where they are not `active`.
    active : ndarray of bool
        Which of them candidates have.
    ordered : ndarray of bool, or bool
        Where the value is the middle of a scale, which is near to most of it; elsewhere it is a label of its own.
    """
    seen: np.ndarray = np.where(active, points, np.where(ordered, 0.5, -1.0))
    return seen


def _is_uneven(distribution: Distribution) -> bool:
    """Return whether different genes may have one value; a word of a subset is itself a value."""
    return (distribution.discrete or not distribution.ordered) and not isinstance(distribution, Word)


def _n_even_cells(distribution: Distribution) -> int:
    """Return the number of cells if they are of one width, 0 otherwise."""
    edges = distribution.edges()
    is_even = edges is not None and np.allclose(np.diff(edges), 1 / (len(edges) - 1), rtol=1e-9)
    return len(edges) - 1 if edges is not None and is_even else 0
