"""Values of unknown length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geneticsearch._errors import check_number
from geneticsearch.space._draw import draw


@dataclass(frozen=True)
class SequenceDistribution:
    """A value of variable length: an unknown number of elements of one kind.

    The length is structure. Individuals of different length are different species, which compete with each other and
    mate only with their own kind; structural mutations insert, remove or move an element.

    Parameters
    ----------
    element : distribution, list of values or dict
        What each element may be, drawn for each one separately. A dict is a space of its own, with one set of
        parameters per element; its elements arrive as dicts.
    min_length, max_length : int
        Least and greatest number of elements, 0 <= min_length <= max_length.

    Examples
    --------
    >>> from geneticsearch import GeneticOptimizer
    >>> layers = SequenceDistribution(UniformDistribution(8, 64, q=8), min_length=1, max_length=3)
    >>> GeneticOptimizer({"hidden_layer_sizes": layers}, seed=4).ask().params
    {'hidden_layer_sizes': (64, 40, 24)}
    """

    element: Any
    min_length: int
    max_length: int

    def __post_init__(self) -> None:
        check_number("min_length", self.min_length, low=0, integer=True)
        check_number("max_length", self.max_length, low=max(self.min_length, 1), integer=True)

    def rvs(self, size: int | None = None, random_state: Any = None) -> Any:
        """Draw at random, so that `RandomizedSearchCV` takes the same spaces; every length is equally likely.

        Parameters
        ----------
        size : int or None, default=None
            How many sequences; None draws one rather than a list.
        random_state : int, RandomState, Generator or None, default=None
            Source of chance, as for `Distribution.rvs`.

        Returns
        -------
        tuple or list of tuple
            The elements.
        """
        return draw(self, size, random_state)
