"""The tree of a space: its nodes know where their genes are, and read values from them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.space._choice import ChoiceDistribution
from geneticsearch.space._distribution import Distribution
from geneticsearch.space._names import short
from geneticsearch.space._numeric import UniformDistribution

Genes = np.ndarray

Structure = tuple[int, ...]


@dataclass(frozen=True)
class Gene:
    """One position of the genotype: where its value goes, what it may be, and whether other genes depend on it."""

    path: tuple[Any, ...]
    distribution: Distribution
    structural: bool


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


def _equal(one: Gene, other: Gene) -> bool:
    """Return whether two genes are one; distributions that hold arrays can only be one by identity."""
    try:
        return bool(one == other)
    except ValueError:
        return one.distribution is other.distribution


def _labels(options: Sequence[_Node], prefix: str = "") -> tuple[str, ...]:
    """Return a different name for each option of a branch."""
    labels = [prefix + _label(option, named=not prefix) for option in options]
    return tuple(x if x and labels.count(x) == 1 else f"{x}#{i}" for i, x in enumerate(labels))


def _label(node: _Node, named: bool = True) -> str:
    """Return a name for what a branch stands for: its fixed values, else the kind of its distribution."""
    if isinstance(node, _Constant):
        return short(node.value, 30)
    if isinstance(node, _Leaf):
        return type(node.distribution).__name__.removesuffix("Distribution")
    if isinstance(node, _Dict):
        children = [(key, child) for key, child in node.items if child.size == 1]
        return ", ".join(f"{key}={_label(child)}" if named else _label(child) for key, child in children)
    return ""
