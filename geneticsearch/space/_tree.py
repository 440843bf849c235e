"""The tree of a space: its nodes know where their genes are, and read values from them."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.space._choice import ChoiceDistribution
from geneticsearch.space._distribution import GENE_STEP, Distribution
from geneticsearch.space._names import short
from geneticsearch.space._numbers import UniformDistribution
from geneticsearch.space._subset import SubsetDistribution, draw_members, pack, unpack
from geneticsearch.space._values import key_of, native

Genes = np.ndarray

N_NEIGHBORS = 100
"""How many steps away there may be a free gene for a number that lies between two."""


@dataclass(frozen=True)
class Gene:
    """One position of the genotype.

    Attributes
    ----------
    path : tuple
        Where its value goes in the parameters.
    distribution : Distribution
        What its value may be.
    structural : bool
        Whether it decides which other genes are active.
    exact : dict
        Values that stand for a gene instead of the distribution's own: see `Space.encode`.
    """

    path: tuple[Any, ...]
    distribution: Distribution
    structural: bool
    exact: dict[float, Any] = field(default_factory=dict, repr=False, compare=False)

    def value(self, u: float) -> Any:
        """Return the value at `u`."""
        return self.exact[u] if u in self.exact else self.distribution.ppf(u)

    def remember(self, number: Any, u: float) -> float:
        """Return the gene `u`, or one nearby if that is taken, and let it stand for exactly this number."""
        for k in range(N_NEIGHBORS):
            for near in (u + k * GENE_STEP, u - k * GENE_STEP):
                found = self.value(near) if 0 <= near <= 1 else None
                if found == number:
                    return near
                if found is not None and near not in self.exact and self.distribution.canonical(np.array(near)) == near:
                    self.exact[near] = float(number) if isinstance(found, float) else native(number)
                    return near
        return u


Encoded = dict[int, tuple[float, Any]]
"""Genes by position, each with the value that it shall stand for."""


class Node(ABC):
    """A part of the space."""

    size: float

    @abstractmethod
    def decode(self, genes: Sequence[float]) -> Any:
        """Return the value."""

    @abstractmethod
    def encode(self, value: Any, where: str) -> Encoded:
        """Return genes that decode to `value`; raise an `ArgumentError` that says `where` if none do."""

    @abstractmethod
    def outline(self) -> Any:
        """Return which genes and constants the value is made of."""

    @abstractmethod
    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        """Mark the active genes of those `rows` of `genes` that have this part."""

    @abstractmethod
    def enumerate(self, genes: Genes) -> Iterator[None]:
        """Set `genes` to each value in turn."""

    def describe(self, genes: Genes) -> list[str]:
        """Return the structure in words."""
        return []

    def moves(self, genes: Genes) -> list[Move]:
        """Return the structural mutations that are possible here."""
        return []

    def label(self, named: bool = True) -> str:
        """Return a name for what a branch stands for: its fixed values, else the kind of its distribution."""
        return ""


@dataclass(frozen=True)
class Constant(Node):
    """A value that is always the same."""

    value: Any
    size = 1

    def decode(self, genes: Sequence[float]) -> Any:
        return self.value

    def encode(self, value: Any, where: str) -> Encoded:
        if key_of(value, loose=True) != key_of(self.value, loose=True):
            raise ArgumentError(f"`{where}` is {self.value!r} in this space; got {value!r}.")
        return {}

    def outline(self) -> Any:
        return ["constant", self.value]

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        pass

    def enumerate(self, genes: Genes) -> Iterator[None]:
        yield

    def label(self, named: bool = True) -> str:
        return short(self.value, 30)


@dataclass(frozen=True)
class Leaf(Node):
    """A value that one gene decides."""

    at: int
    gene: Gene

    @property
    def size(self) -> float:  # type: ignore[override]
        return self.gene.distribution.n_levels

    def decode(self, genes: Sequence[float]) -> Any:
        return self.gene.value(genes[self.at])

    def encode(self, value: Any, where: str) -> Encoded:
        distribution = self.gene.distribution
        try:
            return {self.at: (distribution.cdf(value), value)}
        except Exception:  # distributions may be the user's own
            raise ArgumentError(f"`{where}` must be a value of {distribution!r}; got {value!r}.") from None

    def outline(self) -> Any:
        return ["gene", self.at]

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        active[:, self.at] |= rows

    def enumerate(self, genes: Genes) -> Iterator[None]:
        for center in self.gene.distribution.centers():
            genes[self.at] = center
            yield

    def label(self, named: bool = True) -> str:
        return type(self.gene.distribution).__name__.removesuffix("Distribution")


@dataclass(frozen=True)
class Branch(Node):
    """A choice among sub-spaces: the options of a parameter, or the alternatives of a list of dicts."""

    at: int
    distribution: ChoiceDistribution
    options: tuple[Node, ...]
    labels: tuple[str, ...]

    @property
    def size(self) -> float:  # type: ignore[override]
        sizes = [option.size for option in self.options]
        return math.inf if math.inf in sizes else sum(int(size) for size in sizes)

    def _chosen(self, genes: Sequence[float] | Genes) -> int:
        return int(self.distribution.ppf(genes[self.at]))

    def decode(self, genes: Sequence[float]) -> Any:
        return self.options[self._chosen(genes)].decode(genes)

    def encode(self, value: Any, where: str) -> Encoded:
        reasons = []
        for chosen, option in enumerate(self.options):
            try:
                return {self.at: (self.distribution.cdf(chosen), chosen), **option.encode(value, where)}
            except ArgumentError as error:
                reasons.append(str(error))
        raise ArgumentError(f"`{where}` fits none of {len(self.options)} alternatives: {' / '.join(reasons)}")

    def outline(self) -> Any:
        return ["branch", self.at, [option.outline() for option in self.options]]

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        active[:, self.at] |= rows
        chosen = np.searchsorted(self.distribution.edges()[1:-1], genes[:, self.at], side="right")
        for i, option in enumerate(self.options):
            option.mark(genes, rows & (chosen == i), active)

    def enumerate(self, genes: Genes) -> Iterator[None]:
        for chosen, option in enumerate(self.options):
            genes[self.at] = self.distribution.cdf(chosen)
            yield from option.enumerate(genes)

    def describe(self, genes: Genes) -> list[str]:
        chosen = self._chosen(genes)
        return [self.labels[chosen], *self.options[chosen].describe(genes)]

    def moves(self, genes: Genes) -> list[Move]:
        here: list[Move] = [(self, "branch")] if len(self.options) > 1 else []
        return [*here, *self.options[self._chosen(genes)].moves(genes)]

    def move(self, genes: Genes, kind: str, rng: np.random.Generator) -> None:
        """Take another branch."""
        chosen = (self._chosen(genes) + rng.integers(1, len(self.options))) % len(self.options)
        genes[self.at] = self.distribution.cdf(int(chosen))


@dataclass(frozen=True)
class Elements(Node):
    """A sequence of variable length; row k of `slots` holds the genes of element k."""

    at: int
    distribution: UniformDistribution | ChoiceDistribution
    elements: tuple[Node, ...]
    slots: np.ndarray
    name: str

    @property
    def shortest(self) -> int:
        """The least length."""
        return int(self.distribution.ppf(0.0))

    @property
    def size(self) -> float:  # type: ignore[override]
        size = self.elements[0].size
        lengths = range(self.shortest, len(self.elements) + 1)
        return math.inf if size == math.inf else sum(int(size) ** n for n in lengths)

    def _length(self, genes: Sequence[float] | Genes) -> int:
        return int(self.distribution.ppf(genes[self.at]))

    def decode(self, genes: Sequence[float]) -> Any:
        return tuple([element.decode(genes) for element in self.elements[: self._length(genes)]])

    def encode(self, value: Any, where: str) -> Encoded:
        if not isinstance(value, list | tuple) or not self.shortest <= len(value) <= len(self.elements):
            raise ArgumentError(
                f"`{where}` must be a tuple of {self.shortest} to {len(self.elements)} elements; got {value!r}."
            )
        encoded: Encoded = {self.at: (self.distribution.cdf(len(value)), len(value))}
        for k, (element, part) in enumerate(zip(self.elements, value, strict=False)):
            encoded |= element.encode(part, f"{where}[{k}]")
        return encoded

    def outline(self) -> Any:
        return ["elements", self.at, [element.outline() for element in self.elements]]

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        active[:, self.at] |= rows
        longer = np.floor(genes[:, self.at] * self.distribution.n_levels)  # by how much than the shortest
        for k, element in enumerate(self.elements):
            element.mark(genes, rows & (longer + self.shortest > k), active)

    def enumerate(self, genes: Genes) -> Iterator[None]:
        for length in range(self.shortest, len(self.elements) + 1):
            genes[self.at] = self.distribution.cdf(length)
            yield from _product(self.elements[:length], genes)

    def describe(self, genes: Genes) -> list[str]:
        length = self._length(genes)
        return [f"{self.name}[{length}]", *(word for part in self.elements[:length] for word in part.describe(genes))]

    def moves(self, genes: Genes) -> list[Move]:
        length = self._length(genes)
        possible = {"insert": length < len(self.elements), "remove": length > self.shortest, "move": length > 1}
        here: list[Move] = [(self, kind) for kind, is_possible in possible.items() if is_possible]
        return [*here, *(move for element in self.elements[:length] for move in element.moves(genes))]

    def move(self, genes: Genes, kind: str, rng: np.random.Generator) -> None:
        """Insert, remove, move or swap elements; a removed one stays dormant in the first free slot."""
        length = self._length(genes)
        order = list(range(len(self.elements)))
        if kind == "insert":
            at = int(rng.integers(length + 1))
            order.insert(at, order.pop(length))
            if length and rng.random() < 0.5:  # a copy of a neighbor rather than the dormant element
                order[at] = order[at - 1] if at else order[1]
            length += 1
        elif kind == "remove":
            order.insert(length - 1, order.pop(int(rng.integers(length))))
            length -= 1
        else:
            first = int(rng.integers(length))
            second = (first + int(rng.integers(1, length))) % length
            if rng.random() < 0.5:
                order[first], order[second] = order[second], order[first]
            else:
                order.insert(second, order.pop(first))
        genes[self.slots] = genes[self.slots[order]]
        genes[self.at] = self.distribution.cdf(length)


@dataclass(frozen=True)
class Subset(Node):
    """Some of a list of items; each gene at the positions `at` tells of up to 32 of them."""

    at: np.ndarray
    distribution: SubsetDistribution
    values: tuple[Any, ...]

    @property
    def n_items(self) -> int:
        """Number of items to choose from."""
        return len(self.values)

    @property
    def size(self) -> int:  # type: ignore[override]
        smallest, largest = self.distribution.sizes
        return sum(math.comb(self.n_items, size) for size in range(smallest, largest + 1))

    def members(self, genes: Genes) -> np.ndarray:
        """Return which items are in the subsets of individuals, of shape (..., n_items)."""
        return unpack(genes[..., self.at], self.n_items)

    def draw(self, points: np.ndarray, rng: Any) -> Genes:
        """Return genes of subsets of random items; a point in [0, 1] says how many."""
        smallest, largest = self.distribution.sizes
        unit = max(smallest, 1)  # sizes are log-uniform from it on
        sizes = smallest + np.floor(unit * ((1 + (largest - smallest + 1) / unit) ** points - 1))
        sizes = np.minimum(sizes, largest)
        return pack(draw_members(sizes, self.n_items, rng))

    def decode(self, genes: Sequence[float]) -> tuple[Any, ...]:
        members = unpack(np.array([genes[i] for i in self.at]), self.n_items)
        return tuple([self.values[i] for i in np.flatnonzero(members)])

    def encode(self, value: Any, where: str) -> Encoded:
        distribution = self.distribution
        smallest, largest = distribution.sizes
        places = {key_of(item, loose=True): i for i, item in enumerate(self.values)}
        listed = value.tolist() if hasattr(value, "tolist") else value
        given = [key_of(item, loose=True) for item in listed] if isinstance(listed, list | tuple) else [None]
        chosen = {places[key] for key in given if key in places}
        if len(chosen) < len(given) or not smallest <= len(chosen) <= largest:
            raise ArgumentError(
                f"`{where}` must be a tuple of {smallest} to {largest} different items of {distribution!r}; "
                f"got {value!r}."
            )
        members = np.isin(np.arange(len(places)), list(chosen))
        return {int(i): (float(u), None) for i, u in zip(self.at, pack(members), strict=True)}

    def outline(self) -> Any:
        return ["subset", self.at.tolist()]

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        active[:, self.at] |= rows[:, np.newaxis]

    def enumerate(self, genes: Genes) -> Iterator[None]:
        places = np.arange(self.n_items)
        smallest, largest = self.distribution.sizes
        for size in range(smallest, largest + 1):
            for chosen in itertools.combinations(places, size):
                genes[self.at] = pack(np.isin(places, chosen))
                yield

    def label(self, named: bool = True) -> str:
        return "Subset"


@dataclass(frozen=True)
class Items(Node):
    """A dict of parameters."""

    nodes: dict[Any, Node]

    @property
    def size(self) -> float:  # type: ignore[override]
        sizes = [node.size for node in self.nodes.values()]
        return math.inf if math.inf in sizes else math.prod(int(size) for size in sizes)

    def decode(self, genes: Sequence[float]) -> dict[Any, Any]:
        return {key: node.decode(genes) for key, node in self.nodes.items()}

    def encode(self, value: Any, where: str) -> Encoded:
        if not isinstance(value, Mapping):
            raise ArgumentError(f"`{where}` must be a dict of parameters; got {value!r}.")
        missing = [key for key, node in self.nodes.items() if key not in value and not isinstance(node, Constant)]
        unknown = [key for key in value if key not in self.nodes]
        if missing or unknown:
            words = [f"lacks {', '.join(map(repr, missing))}"] * bool(missing)
            words += [f"holds {', '.join(map(repr, unknown))}, which the space does not"] * bool(unknown)
            raise ArgumentError(f"`{where}` must have a value for each parameter; this one {' and '.join(words)}.")
        encoded: Encoded = {}
        for key, node in self.nodes.items():
            if key in value:
                encoded |= node.encode(value[key], f"{where}[{key!r}]")
        return encoded

    def outline(self) -> Any:
        return ["dict", [[key, node.outline()] for key, node in self.nodes.items()]]

    def mark(self, genes: Genes, rows: np.ndarray, active: np.ndarray) -> None:
        for node in self.nodes.values():
            node.mark(genes, rows, active)

    def enumerate(self, genes: Genes) -> Iterator[None]:
        # Sorted by name with the last one fastest: the order of scikit-learn's ParameterGrid.
        yield from _product([self.nodes[key] for key in sorted(self.nodes, key=str)], genes)

    def describe(self, genes: Genes) -> list[str]:
        return [word for node in self.nodes.values() for word in node.describe(genes)]

    def moves(self, genes: Genes) -> list[Move]:
        return [move for node in self.nodes.values() for move in node.moves(genes)]

    def label(self, named: bool = True) -> str:
        fixed = {key: node.label() for key, node in self.nodes.items() if node.size == 1}
        return ", ".join(f"{key}={label}" if named else label for key, label in fixed.items())


Move = tuple[Branch | Elements, str]


def _product(nodes: Sequence[Node], genes: Genes) -> Iterator[None]:
    """Set `genes` to each combination of the nodes' values, the last node varying fastest."""
    if not nodes:
        yield
        return
    for _ in nodes[0].enumerate(genes):
        yield from _product(nodes[1:], genes)
