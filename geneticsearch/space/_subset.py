"""Values that are some of a list of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError, check_number
from geneticsearch.space._choice import _listed
from geneticsearch.space._distribution import Distribution
from geneticsearch.space._draw import draw
from geneticsearch.space._values import key_of

WORD = 32
"""Items that one gene tells of: its resolution is 2**-32."""


@dataclass(frozen=True)
class SubsetDistribution:
    """A value that is some of a list of items: columns of a table, steps, stations.

    Individuals of any size can mate: a child has the items that both parents have, and of those that one parent has
    each with even chance. Mutation adds, drops or swaps a few items. The surrogate sees a subset as one input, however
    many items there are: two subsets are the nearer, the larger the share of items that both have.

    Parameters
    ----------
    items : list, tuple, range or 1-d array
        The items, no two of which are the same.
    min_size, max_size : int, default=1 and None
        Least and greatest number of items in a value; None stands for all of them. When drawing at random, all
        orders of magnitude are equally likely, for few items of many are often best.

    Examples
    --------
    >>> from geneticsearch import optimize
    >>> gains = {"age": 1, "height": -2, "weight": 3, "income": -1}
    >>> space = {"columns": SubsetDistribution(list(gains), max_size=3)}
    >>> best = optimize(lambda params: -sum(gains[name] for name in params["columns"]), space, n_iter=20, seed=0)
    >>> best.best_params
    {'columns': ('age', 'weight')}
    """

    items: Any
    min_size: int = 1
    max_size: int | None = None

    def __post_init__(self) -> None:
        items = self.items
        if isinstance(items, np.ndarray) and items.ndim != 1:
            raise ArgumentError(f"`items` must have one dimension; got an array of shape {items.shape}.")
        if isinstance(items, str | bytes) or not (isinstance(items, Sequence) or hasattr(items, "tolist")):
            raise ArgumentTypeError(f"`items` must be a list, a tuple, a range or a 1-d array; got {items!r}.")
        values = self.values
        if not values:
            raise ArgumentError(f"`items` must hold at least one item; got {items!r}.")
        first: dict[Any, int] = {}
        for i, value in enumerate(values):
            if first.setdefault(key_of(value), i) != i:
                raise ArgumentError(f"`items` must differ from each other; {value!r} is listed twice.")
        check_number("min_size", self.min_size, low=0, high=len(values), integer=True)
        if self.max_size is not None:
            check_number("max_size", self.max_size, low=max(self.min_size, 1), high=len(values), integer=True)

    @property
    def values(self) -> list[Any]:
        """The items as a list."""
        return _listed(self.items)

    @property
    def sizes(self) -> tuple[int, int]:
        """Least and greatest size."""
        return int(self.min_size), len(self.values) if self.max_size is None else int(self.max_size)

    def rvs(self, size: int | None = None, random_state: Any = None) -> Any:
        """Draw at random, so that `RandomizedSearchCV` takes the same spaces.

        Parameters
        ----------
        size : int or None, default=None
            How many subsets; None draws one rather than a list.
        random_state : int, RandomState, Generator or None, default=None
            Source of chance, as for `Distribution.rvs`.

        Returns
        -------
        tuple or list of tuple
            Some of the items, in their order.
        """
        return draw(self, size, random_state)


@dataclass(frozen=True)
class Word(Distribution):
    """Which of up to 32 items of a subset are in it, as the bits of a gene: see `Subset` in the tree."""

    index: int
    subset: SubsetDistribution

    ordered = False
    discrete = True

    def ppf(self, u: float) -> tuple[Any, ...]:
        """Return the items of this word that are in the subset."""
        here = self.subset.values[self.index * WORD : (self.index + 1) * WORD]
        return tuple([here[i] for i in np.flatnonzero(unpack(np.array([u]), len(here)))])


def n_words(n_items: int) -> int:
    """Return the number of genes that tell of so many items."""
    return -(-n_items // WORD)


def unpack(words: np.ndarray, n_items: int) -> np.ndarray:
    """Return which items are members, of shape (..., n_items), by genes of shape (..., n_words)."""
    bits = np.minimum(words * 2.0**WORD, 2.0**WORD - 1).astype("<u4", order="C")
    members: np.ndarray = np.unpackbits(bits.view(np.uint8), axis=-1, count=n_items, bitorder="little").view(bool)
    return members


def pack(members: np.ndarray) -> np.ndarray:
    """Return the genes of members: the inverse of `unpack`."""
    packed = np.packbits(members, axis=-1, bitorder="little")
    bits = np.zeros((*members.shape[:-1], WORD // 8 * n_words(members.shape[-1])), dtype=np.uint8)
    bits[..., : packed.shape[-1]] = packed
    words: np.ndarray = bits.view("<u4") / 2.0**WORD
    return words


def draw_members(sizes: np.ndarray, n_items: int, rng: Any) -> np.ndarray:
    """Draw subsets of the given sizes, all equally likely, of shape (n, n_items)."""
    members = np.arange(n_items) < sizes[:, np.newaxis]
    # A RandomState can shuffle rows no more than one by one.
    shuffled = rng.permuted(members, axis=1) if hasattr(rng, "permuted") else [rng.permutation(row) for row in members]
    return np.asarray(shuffled, dtype=bool)
