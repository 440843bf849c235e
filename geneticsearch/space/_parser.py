"""What the user's dict means: the one interpreter of a space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError
from geneticsearch.space._choice import ChoiceDistribution
from geneticsearch.space._distribution import Distribution
from geneticsearch.space._names import path_in_words
from geneticsearch.space._numeric import UniformDistribution
from geneticsearch.space._sequence import SequenceDistribution
from geneticsearch.space._tree import Gene, _Branch, _Constant, _Dict, _Elements, _equal, _labels, _Leaf, _Node
from geneticsearch.space._wrapped import ScipyDistribution, as_distribution

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
