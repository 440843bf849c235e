"""How sure a result is, in sentences."""

import numpy as np
import pytest
from estimators import FLAT, minimized

from geneticsearch.results import History, certainty, history_of


@pytest.fixture(scope="module")
def individuals():
    return history_of(minimized(lambda params: params["a"], FLAT, n_iter=6)).individuals


def history(individuals, folds):
    from dataclasses import replace

    folds = np.array(folds)
    scored = [replace(one, score=float(score)) for one, score in zip(individuals, folds.mean(axis=1), strict=False)]
    return History(scored, maximize=True, folds=folds)


def test_candidates_alike_are_counted(individuals):
    noise = np.array([[0.0, 0.02, -0.02], [0.01, -0.01, 0.0], [-0.01, 0.0, 0.01], [0.0, -0.02, 0.02]])
    first, second = certainty(history(individuals, np.array([[0.9], [0.895], [0.892], [0.2]]) + noise))
    assert first.startswith("The best score is a mean over 3 folds, on which it was 0.88 to 0.92")
    assert second.startswith("2 other candidates are within ")
    _, alone = certainty(history(individuals, np.array([[0.9], [0.3], [0.2], [0.1]]) + noise))
    assert alone.startswith("No other candidate is within ")
    assert alone.endswith("so it is better by more than chance.")


def test_without_folds_nothing_is_known(individuals):
    (said,) = certainty(History(individuals, maximize=False))
    assert said.startswith("Each candidate has a single score")


def test_of_two_candidates_no_noise_is_known(individuals):
    assert len(certainty(history(individuals, [[0.9, 0.8], [0.7, 0.8]]))) == 1
