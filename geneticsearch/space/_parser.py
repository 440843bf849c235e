"""What the user's dict means: the one interpreter of a space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set, ValuesView
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError, warn
from geneticsearch.space._choice import ChoiceDistribution
from geneticsearch.space._distribution import Distribution
from geneticsearch.space._names import path_in_words, short
from geneticsearch.space._numbers import UniformDistribution
from geneticsearch.space._sequence import SequenceDistribution
from geneticsearch.space._subset import SubsetDistribution, Word, n_words
from geneticsearch.space._tree import Branch, Constant, Elements, Gene, Items, Leaf, Node, Subset
from geneticsearch.space._values import ATOMS, is_number
from geneticsearch.space._wrapped import ScipyDistribution, as_distribution


class Parser:
    """Builds the tree of a space and its list of genes; errors name the path."""

    def __init__(self, name: str, constants: bool) -> None:
        self.name = name
        self.constants = constants
        self.genes: list[Gene] = []
        self.subsets: dict[int, Subset] = {}
        self._at_path: dict[tuple[Any, ...], list[int]] = {}
        self._used: list[int] = []

    def parse_root(self, spec: Any) -> Node:
        """Return the tree of a dict, or of a list of dicts that are alternatives."""
        if isinstance(spec, Mapping):
            return self._parse_dict(spec, self.name, ())
        if not _is_list(spec) or not all(isinstance(alternative, Mapping) for alternative in spec):
            raise ArgumentTypeError(
                f"`{self.name}` must be a dict of parameter names and what they may be, or a list of such dicts; "
                f"got {short(spec, 100)} ({type(spec).__name__})."
            )
        if not len(spec):
            raise ArgumentError(f"`{self.name}` must hold at least one dict; got {spec!r}.")
        if len(spec) == 1:
            return self._parse_dict(spec[0], f"{self.name}[0]", ())
        choice = ChoiceDistribution(range(len(spec)))
        at = self._gene((), choice, structural=True)
        options = tuple(self._parse_dict(option, f"{self.name}[{i}]", ()) for i, option in enumerate(spec))
        return Branch(at, choice, options, _labels(options))

    def _gene(self, path: tuple[Any, ...], distribution: Distribution, structural: bool = False) -> int:
        """Return the position of a gene; alternatives share those of one name and distribution."""
        gene = Gene(path, distribution, structural)
        here = self._at_path.setdefault(path, [])
        at = next((i for i in here if _equal(self.genes[i], gene)), None)
        if at is None:
            at = len(self.genes)
            here.append(at)
            self.genes.append(gene)
        self._used.append(at)
        return at

    def _parse_dict(self, spec: Mapping[Any, Any], where: str, path: tuple[Any, ...]) -> Items:
        nodes = {}
        for key, value in spec.items():
            if not self.constants and not isinstance(key, str):
                raise ArgumentTypeError(f"Parameter names in `{where}` must be strings; got {key!r}.")
            nodes[key] = self._parse(value, f"{where}[{key!r}]", (*path, key))
        return Items(nodes)

    def _parse(self, value: Any, where: str, path: tuple[Any, ...]) -> Node:
        if isinstance(value, SequenceDistribution):
            return self._parse_sequence(value, where, path)
        if isinstance(value, SubsetDistribution):
            return self._parse_subset(value, path)
        if isinstance(value, Mapping) and _is_space(value):
            return self._parse_dict(value, where, path)
        try:
            distribution = as_distribution(value)
        except ArgumentError as error:
            raise type(error)(f"`{where}`: {error}") from None
        if distribution is None:
            return self._parse_constant(value, where)
        if _looks_like_a_range(value):
            ends = f"({short(value[0])}, {short(value[1])})"
            also = f" or LogUniformDistribution{ends}" if value[0] > 0 else ""
            warn(
                f"`{where}` is a choice among the {len(value)} values of {short(value)}, not a range. For a range, "
                f"write UniformDistribution{ends}{also}. For a choice, write a list, which is not warned about."
            )
        if isinstance(distribution, ChoiceDistribution) and any(_is_space(option) for option in distribution.values):
            return self._parse_branch(distribution, where, path)
        if distribution.n_levels == 1:
            return Constant(distribution.ppf(0.5))  # a gene would only blur what makes individuals differ
        at = self._gene(path, distribution)
        return Leaf(at, self.genes[at])

    def _parse_constant(self, value: Any, where: str) -> Constant:
        """Parse a value that is no distribution."""
        is_collection = isinstance(value, Set | ValuesView | Iterator)
        is_uncalled = isinstance(value, type) and (
            issubclass(value, Distribution) or hasattr(value, "rvs") or hasattr(value, "icdf")
        )
        if self.constants and not is_collection and not is_uncalled:
            return Constant(value)
        fix = ""
        if is_collection:
            fix = " To choose from what it holds, write `list(...)` around it."
        elif is_uncalled:
            fix = " Call it with its parameters."
        elif len(repr(value)) < 80:
            fix = f" To fix a value, write `[{value!r}]`."
        raise ArgumentTypeError(
            f"`{where}` must be a distribution, a list of values or a frozen scipy.stats distribution; "
            f"got {value!r}.{fix}"
        )

    def _parse_branch(self, choice: ChoiceDistribution, where: str, path: tuple[Any, ...]) -> Node:
        """Parse a choice of which some options are spaces of their own."""
        if len(choice.values) == 1:
            return self._parse(choice.values[0], f"{where}[0]", path)
        branches = ChoiceDistribution(range(len(choice.values)), np.diff(choice.edges()).tolist())
        at = self._gene(path, branches, structural=True)
        # Beside a dict that is a space, a dict of lists is one too.
        dicts_are_spaces = any(isinstance(option, Mapping) and _is_space(option) for option in choice.values)
        options: list[Node] = []
        for i, option in enumerate(choice.values):
            if isinstance(option, Mapping) and dicts_are_spaces:
                options.append(self._parse_dict(option, f"{where}[{i}]", path))
            elif _is_space(option):
                options.append(self._parse(option, f"{where}[{i}]", path))
            else:
                options.append(Constant(option))
        return Branch(at, branches, tuple(options), _labels(options, f"{path_in_words(path)}="))

    def _parse_sequence(self, sequence: SequenceDistribution, where: str, path: tuple[Any, ...]) -> Elements:
        low, high = int(sequence.min_length), int(sequence.max_length)
        length = UniformDistribution(low, high, q=1) if low < high else ChoiceDistribution([low])
        at = self._gene(path, length, structural=low < high)
        outer, elements, slots = self._used, [], []
        for k in range(high):
            self._used = []
            elements.append(self._parse_element(sequence.element, f"{where}.element", (*path, k)))
            slots.append(self._used)
        self._used = outer + [i for slot in slots for i in slot]
        by_element = np.array(slots, dtype=np.intp).reshape(high, -1)
        return Elements(at, length, tuple(elements), by_element, path_in_words(path))

    def _parse_subset(self, subset: SubsetDistribution, path: tuple[Any, ...]) -> Node:
        values = tuple(subset.values)
        if subset.sizes[0] == len(values):
            return Constant(values)
        at = [self._gene(path, Word(i, subset)) for i in range(n_words(len(values)))]
        # Alternatives share genes, and so their subsets.
        return self.subsets.setdefault(at[0], Subset(np.array(at), subset, values))

    def _parse_element(self, element: Any, where: str, path: tuple[Any, ...]) -> Node:
        if isinstance(element, Mapping):  # a dict of lists is a space here: as a constant it would make no sense
            return self._parse_dict(element, where, path)
        return self._parse(element, where, path)


def _is_space(value: Any) -> bool:
    """Return whether `value`, as an option or inside a dict, has parameters of its own rather than being a value."""
    if type(value) in ATOMS:  # most are
        return False
    if isinstance(value, Mapping):
        return any(
            _is_space(part) or (isinstance(part, list | tuple) and any(_is_space(option) for option in part))
            for part in value.values()
        )
    if isinstance(value, Distribution | SequenceDistribution | SubsetDistribution):
        return True
    if isinstance(value, Sequence | np.ndarray):
        return False
    return isinstance(as_distribution(value), ScipyDistribution) if hasattr(value, "support") else False


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def _looks_like_a_range(value: Any) -> bool:
    """Return whether `value` is written as other libraries write a range: a tuple of its ends, perhaps with a prior."""
    if not isinstance(value, tuple) or len(value) < 2 or not all(map(is_number, value[:2])):
        return False
    return value[0] < value[1] and value[2:] in ((), ("uniform",), ("log-uniform",))


def _equal(one: Gene, other: Gene) -> bool:
    """Return whether two genes are the same; distributions that hold arrays may be so by identity only."""
    try:
        return bool(one == other)
    except ValueError:
        return one.distribution is other.distribution


def _labels(options: Sequence[Node], prefix: str = "") -> tuple[str, ...]:
    """Return a different name for each option of a branch."""
    labels = [prefix + option.label(named=not prefix) for option in options]
    return tuple(x if x and labels.count(x) == 1 else f"{x}#{i}" for i, x in enumerate(labels))
