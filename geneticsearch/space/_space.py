"""The user's nested dict of parameters, and its translation to genes and structure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from geneticsearch.space._distribution import GENE_STEP
from geneticsearch.space._parser import _Parser
from geneticsearch.space._tree import Genes, Structure, _Branch, _Move
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
    """

    def __init__(self, spec: Any, *, name: str = "space", constants: bool = False) -> None:
        parser = _Parser(name, constants)
        self._root = parser.parse_root(spec)
        self.genes = tuple(parser.genes)
        self.size = self._root.size
        self.has_structure = any(gene.structural for gene in self.genes)
        self.structural = np.array([gene.structural for gene in self.genes], dtype=bool)
        self._active: dict[Structure, tuple[np.ndarray, np.ndarray]] = {}
        self._drawn: dict[tuple[int, Any], float] = {}

        distributions = [gene.distribution for gene in self.genes]
        self.ordered = np.array([d.ordered for d in distributions], dtype=bool)
        self.n_levels = np.array([d.n_levels for d in distributions], dtype=float)
        self.informative = self.ordered | np.isfinite(self.n_levels)
        # Choices and whole numbers mostly have cells of one width, which are snapped to their centres all at once.
        self._n_cells = np.full(len(self.genes), np.nan)
        self._tables: list[tuple[int, np.ndarray, np.ndarray]] = []
        self._untabled: list[int] = []
        for i, d in enumerate(distributions):
            edges = d.edges()
            if edges is None:
                if d.discrete or isinstance(d, RvsDistribution):
                    self._untabled.append(i)
            elif np.allclose(np.diff(edges), 1 / (len(edges) - 1), rtol=1e-9):
                self._n_cells[i] = len(edges) - 1
            else:
                self._tables.append((i, edges[1:-1], (edges[1:] + edges[:-1]) / 2))
        self._has_cells = not np.isnan(self._n_cells).all()

    def canonical(self, genes: Genes) -> Genes:
        """Move genes to the centre of their cell, so that equal values have equal genes.

        Parameters
        ----------
        genes : ndarray of shape (..., n_genes)
            Genes in [0, 1].

        Returns
        -------
        ndarray of shape (..., n_genes)
            A new array.
        """
        snapped = self.snap(genes)
        for i in self._untabled:
            column = np.array([self._canonical_scalar(i, float(u)) for u in np.ravel(snapped[..., i])])
            snapped[..., i] = column.reshape(snapped.shape[:-1])
        return snapped

    def snap(self, genes: Genes) -> Genes:
        """Do what `canonical` does, but for genes of so many levels that their cells are kept in no table."""
        snapped: Genes = np.rint(genes / GENE_STEP) * GENE_STEP
        if self._has_cells:
            cells = np.minimum(np.floor(genes * self._n_cells), self._n_cells - 1)
            snapped = np.where(np.isnan(cells), snapped, (cells + 0.5) / self._n_cells)
        for i, inner, centres in self._tables:
            snapped[..., i] = centres[np.searchsorted(inner, genes[..., i], side="right")]
        return snapped

    def _canonical_scalar(self, i: int, u: float) -> float:
        """Return the gene that stands for all genes with the value at `u`, where no table of levels tells."""
        distribution = self.genes[i].distribution
        value = distribution.ppf(u)
        if not isinstance(distribution, RvsDistribution):
            return round(distribution.cdf(value) / GENE_STEP) * GENE_STEP
        try:
            return self._drawn.setdefault((i, value), u)
        except TypeError:  # an unhashable value: every draw counts as another one
            return u

    def structure(self, genes: Genes) -> Structure:
        """Return the active structural choices, which are the individual's species."""
        if not self.has_structure:
            return ()
        structure: list[int] = []
        self._root.walk(genes, structure, [])
        return tuple(structure)

    def key(self, genes: Genes) -> bytes:
        """Return what tells canonical genes of different parameters apart: the active ones."""
        if not self.has_structure:
            return genes.tobytes()
        return np.where(self._activity(genes)[0], genes, 0.0).tobytes()

    def active(self, genes: Genes) -> np.ndarray:
        """Return which genes have a part in what canonical `genes` stand for, for many individuals at once.

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
        """Return the `key` of each of many individuals."""
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
        ndarray of shape (n, n_informative)
            The informative genes; dormant ones as one value that says so: the middle of a scale, a label of its own.
        """
        seen: np.ndarray = np.where(active, genes, np.where(self.ordered, 0.5, -1.0))[:, self.informative]
        return seen

    def species(self, genes: Genes, active: np.ndarray) -> np.ndarray:
        """Return numbers from 0 that are equal for individuals of one species."""
        if not self.has_structure:
            return np.zeros(len(genes), dtype=np.intp)
        structures = np.where(active, genes, -1.0)[:, self.structural]
        return np.unique(structures, axis=0, return_inverse=True)[1].reshape(-1)

    def mutable(self, genes: Genes) -> np.ndarray:
        """Return the indices of the active genes that are not structural."""
        return self._activity(genes)[1]

    def _activity(self, genes: Genes) -> tuple[np.ndarray, np.ndarray]:
        """Return a mask of the active genes, and the indices of those that are not structural."""
        structure = self.structure(genes)
        known = self._active.get(structure)
        if known is None:
            indices: list[int] = []
            self._root.walk(genes, [], indices)
            active = np.zeros(len(self.genes), dtype=bool)
            active[indices] = True
            if len(self._active) > 10_000:
                self._active.clear()
            known = self._active[structure] = (active, np.flatnonzero(active & ~self.structural))
        return known

    def decode(self, genes: Genes) -> dict[str, Any]:
        """Return the parameters that `genes` stand for; inactive ones are left out."""
        params: dict[str, Any] = self._root.decode(genes.tolist())
        return params

    def describe(self, genes: Genes) -> str:
        """Return the structure of an individual in words."""
        return ", ".join(self._root.describe(genes)) if self.has_structure else "only one"

    def encode(self, params: Mapping[str, Any], name: str = "params") -> Genes:
        """Return canonical genes that stand for `params`: the inverse of `decode`.

        Parameters
        ----------
        params : dict
            All parameters of an individual; of a list of dicts, those of the first alternative that can hold them.
            Constants may be left out.
        name : str, default='params'
            What error messages call them.

        Returns
        -------
        ndarray of shape (n_genes,)
            Dormant genes are 0.5. Numbers are found again to within 2**-32 of the range of their distribution.

        Raises
        ------
        ValueError
            If they are not in the space; the message names the parameter and says why.
        """
        genes = np.full(len(self.genes), 0.5)
        self._root.encode(params, genes, name)
        return self.canonical(genes)

    def signature(self) -> Any:
        """Return what tells the space from others: its genes, and how the parameters hang together."""
        return [[(gene.path, gene.distribution) for gene in self.genes], self._root.outline()]

    def enumerate(self) -> Iterator[Genes]:
        """Yield the genes of every parameter set of a finite space, in the order of a grid search."""
        genes = np.full(len(self.genes), 0.5)
        for _ in self._root.enumerate(genes):
            yield genes.copy()

    def examples(self, n: int) -> list[list[dict[str, Any]]]:
        """Return `n` parameter sets of each alternative, always the same ones."""
        rng = np.random.default_rng(0)
        root = self._root
        examples = []
        for i in range(len(root.options) if isinstance(root, _Branch) else 1):
            genes = rng.random((n, len(self.genes)))
            if isinstance(root, _Branch):
                genes[:, root.gene] = root.distribution.cdf(i)
            examples.append([self.decode(one) for one in genes])
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
        moves: list[_Move] = []
        self._root.moves(genes, moves)
        genes = genes.copy()
        if moves:
            node, kind = moves[rng.integers(len(moves))]
            node.move(genes, kind, rng)
        return genes
