"""The user's nested dict of parameters, and its translation to genes and structure.

A space is flattened into one fixed vector of genes that every individual carries. Some genes are *structural*: the
length of a sequence, the branch of a choice, the dict of a list of dicts. They decide which other genes are active;
the rest stay dormant, are inherited, and wake when the structure makes room for them again. Individuals with the same
active structure are one species.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneticsearch._validation import ArgumentError, ArgumentTypeError
from geneticsearch.distributions import (
    GENE_STEP,
    ChoiceDistribution,
    Distribution,
    RvsDistribution,
    ScipyDistribution,
    SequenceDistribution,
    UniformDistribution,
    as_distribution,
)

Genes = np.ndarray
Structure = tuple[int, ...]


@dataclass(frozen=True)
class Gene:
    """One position of the genotype: where its value goes, what it may be, and whether other genes depend on it."""

    path: tuple[Any, ...]
    distribution: Distribution
    structural: bool


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


# --------------------------------------------------------------------------------------------------------------------
# The tree of a space. Each node knows where its genes are.


class _Node(ABC):
    """A part of the space: knows its number of values, and how to read them from genes."""

    size: float

    @abstractmethod
    def decode(self, genes: Sequence[float]) -> Any:
        """Return the value."""

    @abstractmethod
    def encode(self, value: Any, genes: Genes, where: str) -> None:
        """Set `genes` to what decodes to `value`; raise an `ArgumentError` that says `where` if nothing does."""

    @abstractmethod
    def outline(self) -> Any:
        """Return which genes and constants the value is made of."""

    @abstractmethod
    def walk(self, genes: Sequence[float] | Genes, structure: list[int], active: list[int]) -> None:
        """Append the active structural choices and the indices of the active genes."""

    @abstractmethod
    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        """Mark the active genes of those `rows` of `genes` that have this part; what `walk` says of one individual."""

    def describe(self, genes: Genes) -> list[str]:
        """Return the structure in words."""
        return []

    @abstractmethod
    def enumerate(self, genes: Genes) -> Iterator[None]:
        """Set `genes` to each value in turn."""

    def moves(self, genes: Genes, moves: list[_Move]) -> None:
        """Append the structural mutations that are possible here."""
        return


@dataclass(frozen=True)
class _Constant(_Node):
    value: Any
    size = 1

    def decode(self, genes: Sequence[float]) -> Any:
        return self.value

    def encode(self, value: Any, genes: Genes, where: str) -> None:
        if ChoiceDistribution([self.value]).index(value) is None:
            raise ArgumentError(f"`{where}` is {self.value!r} in this space; got {value!r}.")

    def outline(self) -> Any:
        return ["constant", self.value]

    def walk(self, genes: Sequence[float] | Genes, structure: list[int], active: list[int]) -> None:
        pass

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        pass

    def enumerate(self, genes: Genes) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class _Leaf(_Node):
    gene: int
    distribution: Distribution

    @property
    def size(self) -> float:  # type: ignore[override]
        return self.distribution.n_levels

    def decode(self, genes: Sequence[float]) -> Any:
        return self.distribution.ppf(genes[self.gene])

    def encode(self, value: Any, genes: Genes, where: str) -> None:
        distribution = self.distribution
        if isinstance(distribution, ChoiceDistribution):
            at = distribution.index(value)
            if at is not None:
                genes[self.gene] = distribution.cdf(distribution.values[at])
                return
        try:
            genes[self.gene] = distribution.cdf(value)
        except (ArgumentError, TypeError, ArithmeticError):
            raise ArgumentError(f"`{where}` must be a value of {distribution!r}; got {value!r}.") from None

    def outline(self) -> Any:
        return ["gene", self.gene]

    def walk(self, genes: Sequence[float] | Genes, structure: list[int], active: list[int]) -> None:
        active.append(self.gene)

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        active[rows, self.gene] = True

    def enumerate(self, genes: Genes) -> Iterator[None]:
        edges = self.distribution.edges()
        for centre in _all_levels(self.distribution) if edges is None else (edges[1:] + edges[:-1]) / 2:
            genes[self.gene] = centre
            yield


def _all_levels(distribution: Distribution) -> Iterator[float]:
    """Yield a gene of each level of a finite distribution that keeps no table."""
    value = distribution.ppf(0.0)
    last = distribution.ppf(1.0)
    step = getattr(distribution, "q", 1)
    for k in range(int(distribution.n_levels)):
        yield distribution.cdf(min(value + k * step, last))


@dataclass(frozen=True)
class _Branch(_Node):
    """A choice among sub-spaces: the options of a parameter, or the alternatives of a list of dicts."""

    gene: int
    distribution: ChoiceDistribution
    options: tuple[_Node, ...]
    labels: tuple[str, ...]

    @property
    def size(self) -> float:  # type: ignore[override]
        sizes = [option.size for option in self.options]
        return math.inf if math.inf in sizes else sum(int(size) for size in sizes)

    def _chosen(self, genes: Sequence[float] | Genes) -> int:
        return int(self.distribution.ppf(genes[self.gene]))

    def decode(self, genes: Sequence[float]) -> Any:
        return self.options[self._chosen(genes)].decode(genes)

    def encode(self, value: Any, genes: Genes, where: str) -> None:
        reasons = []
        for chosen, option in enumerate(self.options):
            trial = genes.copy()
            trial[self.gene] = self.distribution.cdf(chosen)
            try:
                option.encode(value, trial, where)
            except ArgumentError as error:
                reasons.append(str(error))
            else:
                genes[:] = trial
                return
        raise ArgumentError(f"`{where}` fits none of {len(self.options)} alternatives: {' / '.join(reasons)}")

    def outline(self) -> Any:
        return ["branch", self.gene, [option.outline() for option in self.options]]

    def walk(self, genes: Sequence[float] | Genes, structure: list[int], active: list[int]) -> None:
        chosen = self._chosen(genes)
        structure.append(chosen)
        active.append(self.gene)
        self.options[chosen].walk(genes, structure, active)

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        active[rows, self.gene] = True
        chosen = np.searchsorted(self.distribution.edges()[1:-1], genes[:, self.gene], side="right")
        for i, option in enumerate(self.options):
            option.mark(genes, rows & (chosen == i), active)

    def describe(self, genes: Genes) -> list[str]:
        chosen = self._chosen(genes)
        return [self.labels[chosen], *self.options[chosen].describe(genes)]

    def enumerate(self, genes: Genes) -> Iterator[None]:
        for chosen, option in enumerate(self.options):
            genes[self.gene] = self.distribution.cdf(chosen)
            yield from option.enumerate(genes)

    def moves(self, genes: Genes, moves: list[_Move]) -> None:
        if len(self.options) > 1:
            moves.append((self, "branch"))
        self.options[self._chosen(genes)].moves(genes, moves)

    def move(self, genes: Genes, kind: str, rng: np.random.Generator) -> None:
        """Take another branch."""
        chosen = (self._chosen(genes) + rng.integers(1, len(self.options))) % len(self.options)
        genes[self.gene] = self.distribution.cdf(int(chosen))


@dataclass(frozen=True)
class _Elements(_Node):
    """A sequence of variable length; row k of `slots` holds the genes of element k."""

    gene: int
    distribution: UniformDistribution | ChoiceDistribution
    elements: tuple[_Node, ...]
    slots: np.ndarray
    label: str

    @property
    def size(self) -> float:  # type: ignore[override]
        one = self.elements[0].size
        lengths = range(int(self.distribution.ppf(0.0)), len(self.elements) + 1)
        return math.inf if one == math.inf else sum(int(one) ** n for n in lengths)

    def _length(self, genes: Sequence[float] | Genes) -> int:
        return int(self.distribution.ppf(genes[self.gene]))

    def decode(self, genes: Sequence[float]) -> Any:
        return tuple([element.decode(genes) for element in self.elements[: self._length(genes)]])

    def encode(self, value: Any, genes: Genes, where: str) -> None:
        shortest = int(self.distribution.ppf(0.0))
        if not isinstance(value, list | tuple) or not shortest <= len(value) <= len(self.elements):
            raise ArgumentError(
                f"`{where}` must be a tuple of {shortest} to {len(self.elements)} elements; got {value!r}."
            )
        genes[self.gene] = self.distribution.cdf(len(value))
        for k, (element, part) in enumerate(zip(self.elements, value, strict=False)):
            element.encode(part, genes, f"{where}[{k}]")

    def outline(self) -> Any:
        return ["elements", self.gene, [element.outline() for element in self.elements]]

    def walk(self, genes: Sequence[float] | Genes, structure: list[int], active: list[int]) -> None:
        length = self._length(genes)
        structure.append(length)
        active.append(self.gene)
        for element in self.elements[:length]:
            element.walk(genes, structure, active)

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        active[rows, self.gene] = True
        longer = np.floor(genes[:, self.gene] * self.distribution.n_levels)  # by how much than the shortest
        for k, element in enumerate(self.elements):
            element.mark(genes, rows & (longer + self.distribution.ppf(0.0) > k), active)

    def describe(self, genes: Genes) -> list[str]:
        length = self._length(genes)
        return [f"{self.label}[{length}]", *(w for e in self.elements[:length] for w in e.describe(genes))]

    def enumerate(self, genes: Genes) -> Iterator[None]:
        for length in range(int(self.distribution.ppf(0.0)), len(self.elements) + 1):
            genes[self.gene] = self.distribution.cdf(length)
            yield from _product(self.elements[:length], genes)

    def moves(self, genes: Genes, moves: list[_Move]) -> None:
        length = self._length(genes)
        if length < len(self.elements):
            moves.append((self, "insert"))
        if length > self.distribution.ppf(0.0):
            moves.append((self, "remove"))
        if length > 1:
            moves.append((self, "move"))
        for element in self.elements[:length]:
            element.moves(genes, moves)

    def move(self, genes: Genes, kind: str, rng: np.random.Generator) -> None:
        """Insert, remove, move or swap elements; a removed one stays dormant in the first free slot."""
        length = self._length(genes)
        order = list(range(len(self.elements)))
        if kind == "insert":
            at = int(rng.integers(length + 1))
            order.insert(at, order.pop(length))
            if length and rng.random() < 0.5:  # a copy of a neighbour rather than the dormant element
                order[at] = order[at - 1] if at else order[1]
            length += 1
        elif kind == "remove":
            order.insert(length - 1, order.pop(int(rng.integers(length))))
            length -= 1
        else:
            one = int(rng.integers(length))
            other = (one + int(rng.integers(1, length))) % length
            if rng.random() < 0.5:
                order[one], order[other] = order[other], order[one]
            else:
                order.insert(other, order.pop(one))
        genes[self.slots] = genes[self.slots[order]]
        genes[self.gene] = self.distribution.cdf(length)


@dataclass(frozen=True)
class _Dict(_Node):
    items: tuple[tuple[Any, _Node], ...]

    @property
    def size(self) -> float:  # type: ignore[override]
        sizes = [node.size for _, node in self.items]
        return math.inf if math.inf in sizes else math.prod(int(size) for size in sizes)

    def decode(self, genes: Sequence[float]) -> dict[Any, Any]:
        return {key: node.decode(genes) for key, node in self.items}

    def encode(self, value: Any, genes: Genes, where: str) -> None:
        if not isinstance(value, Mapping):
            raise ArgumentError(f"`{where}` must be a dict of parameters; got {value!r}.")
        nodes = dict(self.items)
        missing = [key for key, node in self.items if key not in value and not isinstance(node, _Constant)]
        unknown = [key for key in value if key not in nodes]
        if missing or unknown:
            words = [f"lacks {', '.join(map(repr, missing))}"] * bool(missing)
            words += [f"holds {', '.join(map(repr, unknown))}, which the space does not"] * bool(unknown)
            raise ArgumentError(f"`{where}` must have a value for each parameter; this one {' and '.join(words)}.")
        for key, node in self.items:
            if key in value:
                node.encode(value[key], genes, f"{where}[{key!r}]")

    def outline(self) -> Any:
        return ["dict", [[key, node.outline()] for key, node in self.items]]

    def walk(self, genes: Sequence[float] | Genes, structure: list[int], active: list[int]) -> None:
        for _, node in self.items:
            node.walk(genes, structure, active)

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        for _, node in self.items:
            node.mark(genes, rows, active)

    def describe(self, genes: Genes) -> list[str]:
        return [word for _, node in self.items for word in node.describe(genes)]

    def enumerate(self, genes: Genes) -> Iterator[None]:
        # Sorted by name with the last one fastest: the order of scikit-learn's ParameterGrid.
        yield from _product([node for _, node in sorted(self.items, key=lambda item: str(item[0]))], genes)

    def moves(self, genes: Genes, moves: list[_Move]) -> None:
        for _, node in self.items:
            node.moves(genes, moves)


_Move = tuple[_Branch | _Elements, str]


def _product(nodes: Sequence[_Node], genes: Genes) -> Iterator[None]:
    """Set `genes` to each combination of the nodes' values, the last node varying fastest."""
    if not nodes:
        yield
        return
    for _ in nodes[0].enumerate(genes):
        yield from _product(nodes[1:], genes)


def _labels(options: Sequence[_Node], prefix: str = "") -> tuple[str, ...]:
    """Return a different name for each option of a branch."""
    labels = [prefix + _label(option, named=not prefix) for option in options]
    return tuple(x if x and labels.count(x) == 1 else f"{x}#{i}" for i, x in enumerate(labels))


def _label(node: _Node, named: bool = True) -> str:
    """Return a name for what a branch stands for: its fixed values, else the kind of its distribution."""
    if isinstance(node, _Constant):
        return _name(node.value)
    if isinstance(node, _Leaf):
        return type(node.distribution).__name__.removesuffix("Distribution")
    if isinstance(node, _Dict):
        children = [(key, child) for key, child in node.items if child.size == 1]
        return ", ".join(f"{key}={_label(child)}" if named else _label(child) for key, child in children)
    return ""


def _name(value: Any) -> str:
    """Return a short name: the class of an estimator, the text of anything else."""
    if isinstance(value, str):
        return value
    if hasattr(value, "get_params") or hasattr(value, "__name__"):
        return str(getattr(value, "__name__", type(value).__name__))
    text = repr(value)
    return text if len(text) <= 30 else f"{text[:27]}..."


# --------------------------------------------------------------------------------------------------------------------
# From the user's dict to the tree.


class _Parser:
    """Builds the tree of a space and its list of genes; errors name the path."""

    def __init__(self, name: str, constants: bool) -> None:
        self.name = name
        self.constants = constants
        self.genes: list[Gene] = []
        self._at_path: dict[tuple[Any, ...], list[int]] = {}
        self._used: list[int] = []

    def parse_root(self, spec: Any) -> _Node:
        if isinstance(spec, Mapping):
            return self._parse_dict(spec, self.name, ())
        if not isinstance(spec, list | tuple) or not all(isinstance(alternative, Mapping) for alternative in spec):
            raise ArgumentTypeError(
                f"`{self.name}` must be a dict of parameter names and what they may be, or a list of such dicts; "
                f"got {spec!r}."
            )
        if not spec:
            raise ArgumentError(f"`{self.name}` must hold at least one dict; got {spec!r}.")
        if len(spec) == 1:
            return self._parse_dict(spec[0], f"{self.name}[0]", ())
        choice = ChoiceDistribution(range(len(spec)))
        gene = self._gene((), choice, structural=True)
        options = tuple(self._parse_dict(one, f"{self.name}[{i}]", ()) for i, one in enumerate(spec))
        return _Branch(gene, choice, options, _labels(options))

    def _gene(self, path: tuple[Any, ...], distribution: Distribution, structural: bool = False) -> int:
        """Return the index of a gene; one that alternatives share by name and distribution is one gene."""
        gene = Gene(path, distribution, structural)
        here = self._at_path.setdefault(path, [])
        shared = next((i for i in here if _equal(self.genes[i], gene)), None)
        if shared is None:
            shared = len(self.genes)
            here.append(shared)
            self.genes.append(gene)
        self._used.append(shared)
        return shared

    def _parse_dict(self, spec: Mapping[Any, Any], where: str, path: tuple[Any, ...]) -> _Dict:
        items = []
        for key, value in spec.items():
            if not self.constants and not isinstance(key, str):
                raise ArgumentTypeError(f"Parameter names in `{where}` must be strings; got {key!r}.")
            node = self._parse(value, f"{where}[{key!r}]", (*path, key))
            items.append((key, node))
        return _Dict(tuple(items))

    def _parse(self, value: Any, where: str, path: tuple[Any, ...]) -> _Node:
        if isinstance(value, SequenceDistribution):
            return self._parse_sequence(value, where, path)
        if isinstance(value, Mapping) and _is_space(value):
            return self._parse_dict(value, where, path)
        try:
            distribution = as_distribution(value)
        except ArgumentError as error:
            raise type(error)(f"`{where}`: {error}") from None
        if isinstance(distribution, ChoiceDistribution) and any(_is_space(option) for option in distribution.values):
            return self._parse_branch(distribution, where, path)
        if distribution is not None and distribution.n_levels == 1:
            return _Constant(distribution.ppf(0.5))  # a gene would only blur what tells individuals apart
        if distribution is not None:
            return _Leaf(self._gene(path, distribution), distribution)
        if self.constants and not (isinstance(value, type) and issubclass(value, Distribution | SequenceDistribution)):
            return _Constant(value)
        fix = f" To fix a value, write `[{value!r}]`." if len(repr(value)) < 80 else ""
        raise ArgumentTypeError(
            f"`{where}` must be a distribution, a list of values or a frozen scipy.stats distribution; "
            f"got {value!r}.{fix}"
        )

    def _parse_branch(self, choice: ChoiceDistribution, where: str, path: tuple[Any, ...]) -> _Node:
        """Parse a choice of which some options are spaces of their own."""
        if len(choice.values) == 1:
            return self._parse(choice.values[0], f"{where}[0]", path)
        branches = ChoiceDistribution(range(len(choice.values)), np.diff(choice.edges()).tolist())
        gene = self._gene(path, branches, structural=True)
        # Beside a dict that is a space, a dict of lists is one too.
        dicts_are_spaces = any(isinstance(option, Mapping) and _is_space(option) for option in choice.values)
        options: list[_Node] = []
        for i, option in enumerate(choice.values):
            if isinstance(option, Mapping) and dicts_are_spaces:
                options.append(self._parse_dict(option, f"{where}[{i}]", path))
            elif _is_space(option):
                options.append(self._parse(option, f"{where}[{i}]", path))
            else:
                options.append(_Constant(option))
        return _Branch(gene, branches, tuple(options), _labels(options, f"{path_in_words(path)}="))

    def _parse_sequence(self, sequence: SequenceDistribution, where: str, path: tuple[Any, ...]) -> _Elements:
        low, high = int(sequence.min_length), int(sequence.max_length)
        length = UniformDistribution(low, high, q=1) if low < high else ChoiceDistribution([low])
        gene = self._gene(path, length, structural=low < high)
        outer, elements, slots = self._used, [], []
        for k in range(high):
            self._used = []
            elements.append(self._parse_element(sequence.element, f"{where}.element", (*path, k)))
            slots.append(self._used)
        self._used = outer + [i for slot in slots for i in slot]
        return _Elements(
            gene, length, tuple(elements), np.array(slots, dtype=np.intp).reshape(high, -1), path_in_words(path)
        )

    def _parse_element(self, element: Any, where: str, path: tuple[Any, ...]) -> _Node:
        if isinstance(element, Mapping):  # a dict of lists is a space here: as a constant it would make no sense
            return self._parse_dict(element, where, path)
        return self._parse(element, where, path)


def path_in_words(path: tuple[Any, ...]) -> str:
    """Return a path as users write it."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def _is_space(value: Any) -> bool:
    """Return whether `value`, as an option or inside a dict, has parameters of its own rather than being a value."""
    if isinstance(value, Mapping):
        return any(
            _is_space(part) or (isinstance(part, list | tuple) and any(_is_space(option) for option in part))
            for part in value.values()
        )
    if isinstance(value, Distribution | SequenceDistribution):
        return True
    if isinstance(value, str | bytes | Sequence | np.ndarray):
        return False
    return isinstance(as_distribution(value), ScipyDistribution) if hasattr(value, "support") else False


def _equal(one: Gene, other: Gene) -> bool:
    """Return whether two genes are one; distributions that hold arrays can only be one by identity."""
    try:
        return bool(one == other)
    except ValueError:
        return one.distribution is other.distribution
