"""What became of each species."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch.results._history import History


def species_table(history: History) -> dict[str, np.ndarray]:
    """Return what became of each species.

    Parameters
    ----------
    history : History
        The evaluated candidates.

    Returns
    -------
    dict of ndarray of shape (n_species,)
        One row per species, best first: "species", the structure in words; "n_evaluations",
        of which "n_failed" failed; "best_score" and "best_params", NaN and None where all failed; "first" and "last",
        the numbers of its first and its last individual.
    """
    place = np.full(len(history.individuals), np.inf)
    place[history.ranking] = np.arange(len(history.ranking))
    members: dict[str, list[int]] = {}
    for i, individual in enumerate(history.individuals):
        members.setdefault(individual.species, []).append(i)
    best = {species: min(found, key=place.__getitem__) for species, found in members.items()}
    ranked = sorted(members, key=lambda species: place[best[species]])
    winners = [None if history.failed[best[species]] else best[species] for species in ranked]
    columns: dict[str, tuple[list[Any], type]] = {
        "species": (ranked, object),
        "n_evaluations": ([len(members[species]) for species in ranked], int),
        "n_failed": ([int(history.failed[members[species]].sum()) for species in ranked], int),
        "best_score": ([np.nan if i is None else history.scores[i] for i in winners], float),
        "best_params": ([None if i is None else history.individuals[i].params for i in winners], object),
        "first": ([history.numbers[members[species][0]] for species in ranked], int),
        "last": ([history.numbers[members[species][-1]] for species in ranked], int),
    }
    table: dict[str, np.ndarray] = {name: np.empty(len(ranked), dtype=kind) for name, (_, kind) in columns.items()}
    for name, (values, _) in columns.items():
        table[name][:] = values  # dicts are values here
    return table
