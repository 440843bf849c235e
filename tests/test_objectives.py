"""Several objectives through the front doors."""

import asyncio
import math

import numpy as np
import pytest

from geneticsearch import Callback, UniformDistribution, optimize
from geneticsearch.callbacks import EarlyStopping
from geneticsearch.results import history_of

SPACE = {"x": UniformDistribution(-2, 3), "y": UniformDistribution(-2, 2)}


def near_0_and_1(params):
    x, y = params["x"], params["y"]
    return x**2 + y**2, (x - 1) ** 2 + y**2


async def later(params):
    await asyncio.sleep(0)
    return near_0_and_1(params)


def fails_sometimes(params):
    if params["x"] < 0:
        raise ZeroDivisionError
    return [params["x"], math.inf if params["y"] > 1 else -params["y"]]


def search(fn=near_0_and_1, n_iter=20, **options):
    return optimize(fn, SPACE, n_iter=n_iter, seed=0, objectives=["min", "min"], **options)


def test_the_result_holds_the_front():
    found = search()
    front = [one.scores for one in found.pareto_front]
    assert front == sorted(front)
    assert found.best_score == found.pareto_front[0].scores[0] == min(one.score for one in found.history)
    for one in found.history:
        assert any(a <= one.scores[0] and b <= one.scores[1] for a, b in front)
    assert len(found.hypervolume) == 20
    assert (np.diff(found.hypervolume) >= 0).all()


def test_with_one_objective_there_is_no_front():
    found = optimize(lambda params: params["x"] ** 2, SPACE, n_iter=5, seed=0)
    assert found.pareto_front == []
    assert found.hypervolume.size == 0
    assert found.history[0].scores == ()


def test_the_number_of_jobs_does_not_matter():
    one, other = search(n_jobs=1).history, search(n_jobs=2).history
    assert [(i.params, i.scores) for i in one] == [(i.params, i.scores) for i in other]


def test_coroutines_have_objectives_too():
    one, other = search(later, window=8).history, search(window=8).history
    assert [i.scores for i in one] == [i.scores for i in other]


def test_an_interrupted_search_finds_the_same_front(tmp_path):
    path = tmp_path / "search.db"

    class Watcher(Callback):
        def on_result(self, individual, best):
            if individual.number == 16:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(checkpoint=path, callbacks=Watcher())
    whole = search()
    resumed = search(checkpoint=path)
    assert [one.scores for one in resumed.pareto_front] == [one.scores for one in whole.pareto_front]
    assert [one.params for one in resumed.history] == [one.params for one in whole.history]
    history = history_of(path)
    assert [history.individuals[i].scores for i in history.front] == [one.scores for one in whole.pareto_front]


def test_a_checkpoint_of_other_objectives_is_refused(tmp_path):
    search(n_iter=5, checkpoint=tmp_path / "search.db")
    with pytest.raises(ValueError, match="objectives"):
        optimize(near_0_and_1, SPACE, n_iter=5, seed=0, objectives=["min", "max"], checkpoint=tmp_path / "search.db")


def test_what_fails_by_one_objective_has_failed():
    with pytest.warns(UserWarning, match="failed and count as the worst"):
        found = search(fails_sometimes, n_iter=40)
    assert all(np.isfinite(one.scores).all() and one.params["x"] >= 0 for one in found.pareto_front)
    failed = [one for one in found.history if math.isnan(one.score)]
    assert failed
    assert all(np.isnan(one.scores).all() for one in failed)


def test_functions_that_return_something_else_are_named():
    with pytest.raises(ValueError, match="must return 2 numbers, a score by each objective; got 3"):
        search(lambda params: 3)


def test_patience_waits_for_the_front():
    found = search(lambda params: (1.0, 2.0), patience=4)
    assert (found.stop_reason, found.n_evaluations) == ("patience", 5)


def test_what_is_for_one_objective_is_refused():
    with pytest.raises(ValueError, match="`target` is for a single objective"):
        search(target=0.1)
    with pytest.raises(ValueError, match="`objectives` say what is maximized"):
        search(maximize_fn=True)
    with pytest.raises(ValueError, match="`EarlyStopping` compares a single score"):
        search(callbacks=EarlyStopping(patience=3, min_improvement=0.1))


def test_progress_shows_the_front(capsys):
    search(n_iter=12, verbose=2)
    shown = capsys.readouterr().err
    assert "front=" in shown
    assert "hypervolume=0." in shown


def test_advice_names_the_knee_and_what_costs_almost_nothing():
    points = iter([(0.0, 10.0), (0.01, 8.0), (3.0, 2.0), (10.0, 0.0)])
    advice = search(lambda params: next(points), n_iter=4).advice
    assert advice[0] == "The knee of the front is candidate 2: objective 0 3, objective 1 2."
    assert len(advice) == 2
    assert "Almost for free: candidate 1 (objective 0 0.01, objective 1 8)" in advice[1]
    assert "gains 20% of the range of the front by objective 1 over candidate 0" in advice[1]
