"""What became of each species."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from geneticsearch.evolution import Individual


def species_table(individuals: Sequence[Individual], maximize: bool) -> dict[str, np.ndarray]:
    """Return what became of each species.

    Parameters
    ----------
    individuals : sequence of Individual
        Individuals in the order of asking; those without a score are passed over.
    maximize : bool
        Whether larger scores are better.

    Returns
    -------
    dict of ndarray of shape (n_species,)
        One row per species, the one with the best score first: "species", the structure in words; "n_evaluations",
        "n_failed" of which failed; "best_score" and "best_params", NaN and None where all failed; "first" and "last",
        the positions of the first and the last individual.
    """
    members: dict[str, list[tuple[float, int]]] = {}  # fitness and position
    for position, individual in enumerate(individuals):
        if individual.score is not None:
            fitness = individual.score if maximize else -individual.score
            fitness = fitness if math.isfinite(fitness) else -math.inf
            members.setdefault(individual.species, []).append((fitness, position))
    best = {species: max(found, key=lambda one: one[0]) for species, found in members.items()}
    ranked = sorted(members, key=lambda species: -best[species][0])
    winners = [individuals[best[species][1]] if math.isfinite(best[species][0]) else None for species in ranked]
    columns: dict[str, tuple[list[Any], type]] = {
        "species": (ranked, object),
        "n_evaluations": ([len(members[species]) for species in ranked], int),
        "n_failed": ([sum(fitness == -math.inf for fitness, _ in members[species]) for species in ranked], int),
        "best_score": ([math.nan if winner is None else winner.score for winner in winners], float),
        "best_params": ([None if winner is None else winner.params for winner in winners], object),
        "first": ([members[species][0][1] for species in ranked], int),
        "last": ([members[species][-1][1] for species in ranked], int),
    }
    table: dict[str, np.ndarray] = {name: np.empty(len(ranked), dtype=kind) for name, (_, kind) in columns.items()}
    for name, (values, _) in columns.items():
        table[name][:] = values  # dicts, too, are values here
    return table
