"""optimize: the front door for functions."""

import asyncio
import contextlib
import copy
import dataclasses
import functools
import inspect
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib import parallel_config
from scipy import stats
from sklearn.model_selection import ParameterGrid
from sklearn.svm import SVC

from geneticsearch import (
    ChoiceDistribution,
    GaussianDistribution,
    GeneticSearchCV,
    Individual,
    OptimizeResult,
    SequenceDistribution,
    UniformDistribution,
    optimize,
)

SPACE = {"x": UniformDistribution(-5, 5), "y": UniformDistribution(-5, 5)}
GRID = {"a": [1, 2, 3], "b": ["u", "v"]}


def square(params):
    return (params["x"] - 1) ** 2 + params["y"] ** 2


async def square_later(params):
    await asyncio.sleep(0)
    return square(params)


MODELS = {
    "model": [
        {"kind": "linear", "slope": UniformDistribution(-1, 1)},
        {"kind": "net", "layers": SequenceDistribution({"width": UniformDistribution(1, 9, q=1)}, 1, 3)},
    ]
}


def of_model(params):
    model = params["model"]
    return (
        abs(model["slope"]) + 1 if model["kind"] == "linear" else sum(abs(one["width"] - 4) for one in model["layers"])
    )


def fails_right_of_zero(params):
    if params["x"] > 0:
        raise ValueError("right of zero")
    return square(params)


def kills_its_process(params):
    if params["x"] > 3:
        os._exit(1)
    return square(params)


@contextlib.contextmanager
def time_limit(seconds):
    """Raise if the block takes longer; without effect where there is no such signal."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def too_late(*_):
        raise TimeoutError(f"not done after {seconds} s")

    previous = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def params_of(result):
    return [individual.params for individual in result.history]


# The result


def test_result_unpacks_and_answers_keys_and_attributes():
    result = optimize(square, SPACE, n_iter=50, seed=0)
    best_params, loss, total_time = result
    assert isinstance(result, OptimizeResult)
    assert best_params == result.best_params == result["top_params"] == result["best_params"]
    assert loss == result.best_score == result["top_score"] == square(best_params)
    assert total_time == result.total_time == result["total_time"]
    assert 0 < total_time < 60
    assert result.n_evaluations == result["n_evaluations"] == 50
    assert result.stop_reason == "n_iter"


@pytest.mark.parametrize("key", ["top", 0, None, ("a",)])
def test_unknown_keys_are_key_errors(key):
    with pytest.raises(KeyError):
        optimize(square, SPACE, n_iter=1, seed=0)[key]


def test_result_cannot_be_changed_and_its_repr_is_short():
    result = optimize(square, SPACE, n_iter=5, seed=0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.best_score = 0
    assert "best_params=" in repr(result)
    assert "history" not in repr(result)


def test_history_holds_every_individual_with_its_score():
    result = optimize(square, SPACE, size=10, generation_count=5, seed=0)
    assert all(isinstance(one, Individual) for one in result.history)
    assert [one.number for one in result.history] == list(range(35))
    assert all(one.score == square(one.params) for one in result.history)
    assert result.history[0].generation == 0 < max(one.generation for one in result.history)
    assert result.best_score == min(one.score for one in result.history)


def test_best_is_the_first_of_equals():
    result = optimize(lambda params: round(params["x"]), SPACE, n_iter=60, seed=0, surrogate=None)
    first = next(one for one in result.history if one.score == result.best_score)
    assert result.best_params == first.params


def test_maximize_mirrors_minimize():
    minimized = optimize(square, SPACE, n_iter=30, seed=0)
    maximized = optimize(lambda params: -square(params), SPACE, n_iter=30, seed=0, maximize_fn=True)
    assert params_of(minimized) == params_of(maximized)
    assert minimized.best_score == -maximized.best_score


def test_objects_listed_are_objects_received():
    token, received = object(), []
    space = {
        "a": [None, True, 1.0, (1, 2), "text", token],
        "b": ChoiceDistribution(np.array([1, 2])),
        "c": stats.randint(0, 3),
        "layers": SequenceDistribution(UniformDistribution(1, 9, q=1), 1, 2),
        "fixed": token,
    }
    optimize(lambda params: received.append(params) or 0.0, space, n_iter=60, seed=0)
    assert {repr(params["a"]) for params in received} == {repr(one) for one in space["a"]}
    assert all(params["fixed"] is token for params in received)
    assert {type(params[key]) for params in received for key in ("b", "c")} == {int}
    assert {type(width) for params in received for width in params["layers"]} == {int}


# How many evaluations


@pytest.mark.parametrize(
    ("options", "n"),
    [
        ({}, 100),
        ({"size": 100}, 600),
        ({"generation_count": 1}, 150),
        ({"size": 10, "generation_count": 4}, 30),
        ({"size": 10, "generation_count": 4, "retain_percentage": 0.3}, 38),
        ({"size": 10, "generation_count": 0}, 10),
        ({"size": 7, "generation_count": 2, "retain_percentage": 1 / 3}, 17),
        ({"size": 4, "generation_count": 3, "retain_percentage": 1}, 7),
        ({"size": 4, "generation_count": 3, "retain_percentage": 1e-9}, 13),
        ({"n_iter": 1}, 1),
        ({"n_iter": 37}, 37),
        ({"size": 5, "generation_count": 1, "n_iter": 37}, 37),
        ({"size": 100, "n_iter": 3}, 3),
    ],
    ids=str,
)
def test_number_of_evaluations_is_exact(options, n):
    calls = []
    result = optimize(lambda one: calls.append(one) or square(one), SPACE, seed=0, surrogate=None, **options)
    assert len(calls) == result.n_evaluations == len(result.history) == n
    assert result.stop_reason == "n_iter"


def test_nothing_is_evaluated_twice():
    calls = []
    space = {"x": UniformDistribution(0, 9, q=1), "y": UniformDistribution(0, 9, q=1)}
    optimize(lambda params: calls.append(tuple(params.items())) or square(params), space, size=30, n_iter=90, seed=0)
    assert len(set(calls)) == 90


@pytest.mark.parametrize("n_iter", [6, 7, None])
def test_grid_is_evaluated_once_in_order_and_the_search_ends(n_iter):
    calls = []
    result = optimize(lambda params: calls.append(params) or params["a"], GRID, n_iter=n_iter, seed=0)
    assert calls == list(ParameterGrid(GRID))
    assert result.n_evaluations == 6
    assert result.stop_reason == ("n_iter" if n_iter == 6 else "exhausted")
    assert result.best_params == {"a": 1, "b": "u"}


@pytest.mark.parametrize("space", [{"x": 1}, {"x": [1]}, {"x": ChoiceDistribution(["a"]), "y": None}])
def test_one_parameter_set_is_evaluated_once(space):
    result = optimize(lambda params: 3.0, space, seed=0)
    assert (result.n_evaluations, result.stop_reason, result.best_score) == (1, "exhausted", 3.0)


# Seeds


def test_same_seed_gives_the_same_search():
    one, other = (optimize(square, SPACE, n_iter=30, seed=5) for _ in range(2))
    assert params_of(one) == params_of(other)
    assert params_of(optimize(square, SPACE, n_iter=30, seed=6)) != params_of(one)
    assert params_of(optimize(square, SPACE, n_iter=5)) != params_of(optimize(square, SPACE, n_iter=5))


def test_global_generators_are_left_alone():
    before = np.random.get_state()[1].tolist(), random.getstate()
    optimize(square, SPACE, n_iter=20, seed=0)
    optimize(square, SPACE, n_iter=20)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


def test_the_callers_space_is_not_changed():
    space = {"a": [{"b": UniformDistribution(0, 1)}, None], "c": {"d": [1]}, "e": [3, 1, 2]}
    before = repr(space)

    def spoils_what_it_gets(params):
        params["extra"] = 1
        params.pop("a")
        return 0.0

    result = optimize(spoils_what_it_gets, space, n_iter=20, seed=0)
    assert repr(space) == before
    assert all(list(params) == ["a", "c", "e"] for params in params_of(result))


# Coroutine functions


class Flight:
    """A coroutine function that notes how many of its calls were under way at once; each waits a while for enough."""

    def __init__(self, enough=0):
        self.enough = enough
        self.met = asyncio.Event()
        self.now = self.most = self.calls = 0
        self.threads = set()

    async def __call__(self, params):
        self.now += 1
        self.calls += 1
        self.most = max(self.most, self.now)
        self.threads.add(threading.get_ident())
        if self.now >= self.enough:
            self.met.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.met.wait(), 0.02)
        await asyncio.sleep(0.001)
        self.now -= 1
        return square(params)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({"n_jobs": 1}, 1),
        ({"n_jobs": 5}, 5),
        ({"n_jobs": 100, "size": 10}, 20),
        ({"size": 10}, 10),
        ({"size": 60}, 60),
        ({"n_jobs": -1, "size": 60}, 60),
        ({"window": 3}, 3),
        ({"window": 32, "n_jobs": 40}, 32),
    ],
    ids=str,
)
def test_coroutines_run_concurrently(options, most):
    flight = Flight(enough=0.8 * most)
    result = optimize(flight, SPACE, n_iter=160, seed=0, surrogate=None, **options)
    assert 0.7 * most < flight.most <= most  # how many meet depends on how fast they are asked for
    assert flight.calls == result.n_evaluations == 160
    assert len(flight.threads) == 1


@pytest.mark.parametrize(
    "fn",
    [square_later, functools.partial(square_later), functools.partial(functools.partial(square_later)), Flight()],
    ids=["function", "partial", "partial of partial", "object"],
)
def test_coroutine_functions_of_every_kind_give_the_search_of_a_plain_function(fn):
    options = {"size": 16, "generation_count": 2, "seed": 0, "window": 20}
    assert params_of(optimize(fn, SPACE, **options)) == params_of(optimize(square, SPACE, **options))


@pytest.mark.parametrize("n_jobs", [1, 3, None])
def test_coroutines_may_end_in_any_order(n_jobs):
    waits = random.Random(0)

    async def fn(params):
        await asyncio.sleep(waits.random() / 500)
        return square(params)

    result = optimize(fn, SPACE, size=16, window=20, n_iter=35, seed=0, n_jobs=n_jobs)
    assert params_of(result) == params_of(optimize(square, SPACE, size=16, window=20, n_iter=35, seed=0))


@pytest.mark.parametrize("fn", [square, square_later])
def test_it_runs_inside_a_running_event_loop(fn):
    async def main():
        return optimize(fn, SPACE, size=16, window=20, n_iter=20, seed=0)

    assert params_of(asyncio.run(main())) == params_of(optimize(square, SPACE, size=16, window=20, n_iter=20, seed=0))


def test_failing_coroutines_count_as_the_worst():
    async def fn(params):
        return fails_right_of_zero(params)

    with pytest.warns(UserWarning, match="evaluations of `fn` failed and count as the worst"):
        result = optimize(fn, SPACE, size=16, n_iter=40, seed=0)
    assert result.best_params["x"] <= 0


@pytest.mark.slow
@pytest.mark.parametrize("error", ["asyncio.CancelledError", "KeyboardInterrupt", "SystemExit"])
def test_coroutines_that_raise_what_is_no_exception_do_not_hang(error):
    script = f"""
import asyncio
from geneticsearch import UniformDistribution, optimize

async def fn(params):
    raise {error}

try:
    optimize(fn, {{"x": UniformDistribution(0, 1)}}, n_iter=5)
except BaseException as error:
    print("raised", type(error).__name__)
"""
    # In a process of its own: a hang here cannot be ended from within.
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("raised")


def test_no_thread_is_left_behind():
    before = threading.active_count()
    optimize(square_later, SPACE, n_iter=20, target=1e9, seed=0)
    assert threading.active_count() == before


# Failures


def nothing(params):
    return None


def text(params):
    return "0.5"


def array(params):
    return np.zeros(2)


def not_a_number(params):
    return math.nan


def huge(params):
    return 10**400


def infinite(params):
    return -math.inf


def exits(params):
    raise SystemExit(3)


def breaks(params):
    raise KeyError("broken")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (nothing, r"`fn` must return a number; got None\."),
        (text, r"`fn` must return a number; got '0\.5'\."),
        (array, r"`fn` must return a number; got array\(\[0\., 0\.\]\)\."),
        (not_a_number, r"`fn` must return a finite number; got nan\."),
        (huge, r"`fn` must return a finite number; got inf\."),
        (infinite, r"`fn` must return a finite number; got -inf\."),
        (exits, "SystemExit: 3"),
        (breaks, "KeyError: 'broken'"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
class TestFailures:
    def test_they_count_as_the_worst_and_are_told_of(self, bad, reason):
        calls = []

        def fn(params):
            calls.append(params)
            return bad(params) if len(calls) % 4 == 2 else square(params)

        message = rf"(?s)^10 of 40 evaluations of `fn` failed and count as the worst; the first one with:.*{reason}"
        with pytest.warns(UserWarning, match=message) as caught:
            result = optimize(fn, SPACE, n_iter=40, seed=0, surrogate=None)
        assert len(caught) == 1
        assert caught[0].filename == __file__
        assert [math.isnan(one.score) for one in result.history] == [i % 4 == 1 for i in range(40)]
        assert result.n_evaluations == 40
        assert result.best_score == min(one.score for one in result.history if not math.isnan(one.score))

    @pytest.mark.parametrize("maximize_fn", [False, True])
    def test_if_all_fail_there_is_no_result(self, bad, reason, maximize_fn):
        message = rf"(?s)^all 5 evaluations of `fn` failed; the first one with:\n.*{reason}"
        with pytest.raises(ValueError, match=message):
            optimize(bad, SPACE, n_iter=5, seed=0, maximize_fn=maximize_fn)


def test_errors_say_where_they_were_raised():
    with pytest.raises(ValueError, match=r"in breaks\n"):
        optimize(breaks, SPACE, n_iter=2, seed=0)


@pytest.mark.parametrize("value", [3, True, np.float32(3), np.array(3.0), np.array([[3]])])
def test_scores_may_be_all_that_float_takes(value):
    result = optimize(lambda params: value, SPACE, n_iter=2, seed=0)
    assert type(result.best_score) is float
    assert result.best_score == float(np.ravel(value)[0])


@pytest.mark.parametrize("asynchronous", [False, True])
def test_error_score_raise_ends_the_search_with_the_error(asynchronous):
    def fn(params):
        if params["x"] > 0.5:
            raise LookupError("too large")
        return params["x"]

    async def fn_later(params):
        return fn(params)

    with pytest.raises(LookupError, match="too large") as caught:
        optimize(fn_later if asynchronous else fn, {"x": UniformDistribution(0, 1)}, seed=0, error_score="raise")
    assert all(one.score <= 0.5 for one in caught.value.partial_result.history)
    with pytest.raises(ValueError, match=r"`error_score` must be NaN or 'raise'; got 0\.0"):
        optimize(fn, {"x": UniformDistribution(0, 1)}, error_score=0.0)


def test_keyboard_interrupt_ends_the_search():
    def interrupted(params):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        optimize(interrupted, SPACE, n_iter=5, seed=0)


# Limits


def test_target_ends_the_search_with_the_first_that_is_as_good():
    everything = optimize(square, SPACE, n_iter=200, seed=0, surrogate=None)
    scores = [one.score for one in everything.history]
    target = sorted(scores)[20]
    expected = next(i for i, score in enumerate(scores) if score <= target)
    result = optimize(square, SPACE, n_iter=200, seed=0, target=target, surrogate=None)
    assert result.stop_reason == "target"
    assert result.n_evaluations == len(result.history) == expected + 1
    assert result.best_score == scores[expected]


def test_target_may_be_met_exactly():
    result = optimize(lambda params: params["a"], GRID, target=1, seed=0)
    assert (result.n_evaluations, result.best_score) == (1, 1.0)
    result = optimize(lambda params: params["a"], GRID, target=3, maximize_fn=True, seed=0)
    assert (result.n_evaluations, result.best_score, result.stop_reason) == (5, 3.0, "target")


def test_failures_do_not_meet_the_target():
    with pytest.warns(UserWarning, match="20 of 21 evaluations"):
        result = optimize(
            lambda params, calls=[]: calls.append(1) or (math.nan if len(calls) < 21 else 1.0),
            SPACE,
            n_iter=50,
            target=2,
            seed=0,
        )
    assert result.n_evaluations == 21


@pytest.mark.parametrize("patience", [1, 5, 30])
def test_patience_is_the_number_of_evaluations_without_improvement(patience):
    everything = [one.score for one in optimize(square, SPACE, n_iter=300, seed=0, surrogate=None).history]
    n, since, best = 0, 0, math.inf
    while since < patience:
        since, best = (0, everything[n]) if everything[n] < best else (since + 1, best)
        n += 1
    result = optimize(square, SPACE, n_iter=300, seed=0, patience=patience, surrogate=None)
    assert result.stop_reason == "patience"
    assert result.n_evaluations == n


def test_patience_counts_constant_scores_and_failures():
    assert optimize(lambda params: 1.0, SPACE, patience=7, seed=0).n_evaluations == 8
    with pytest.raises(ValueError, match="all 7 evaluations"):
        optimize(nothing, SPACE, patience=7, seed=0)


def test_max_time_ends_the_search():
    started = time.perf_counter()
    result = optimize(lambda params: time.sleep(0.01) or square(params), SPACE, n_iter=10_000, max_time=0.15, seed=0)
    assert time.perf_counter() - started < 60
    assert result.stop_reason == "max_time"
    assert 1 <= result.n_evaluations <= 16
    assert result.n_evaluations == len(result.history)


@pytest.mark.parametrize("fn", [square, square_later])
def test_one_evaluation_is_made_whatever_the_time(fn):
    result = optimize(fn, SPACE, max_time=1e-9, seed=0)
    assert result.n_evaluations >= 1
    assert result.stop_reason == "max_time"


def test_target_ends_coroutines_that_are_under_way():
    started, ended = [], []

    async def fn(params):
        started.append(1)
        first = len(started) == 1
        await asyncio.sleep(0 if first else 300)
        ended.append(1)
        return square(params)

    with time_limit(60):
        result = optimize(fn, SPACE, size=16, target=1e9, seed=0)
    assert result.n_evaluations == len(result.history) == len(ended) == 1
    assert len(started) > 1


# Several processes


@pytest.mark.slow
@pytest.mark.parametrize("space", [SPACE, {"x": UniformDistribution(-5, 5, q=1), "y": [1, 2, 3], "z": ["a", "b"]}])
def test_search_does_not_depend_on_the_number_of_processes(space):
    options = {"size": 20, "generation_count": 5, "seed": 0}
    one, two = (optimize(square, space, n_jobs=n_jobs, **options) for n_jobs in (1, 2))
    assert params_of(one) == params_of(two)
    assert list(one.history) == list(two.history)
    assert (one.best_params, one.best_score) == (two.best_params, two.best_score)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [{"target": 0.5}, {"patience": 15}], ids=str)
def test_where_a_limit_ends_the_search_does_not_depend_on_the_number_of_processes(limit):
    one, two = (optimize(square, SPACE, n_jobs=n_jobs, n_iter=150, seed=0, **limit) for n_jobs in (1, 2))
    assert one.stop_reason == two.stop_reason == next(iter(limit))
    assert one.n_evaluations == two.n_evaluations < 150
    assert list(one.history) == list(two.history)


@pytest.mark.slow
def test_failures_travel_from_other_processes():
    with pytest.warns(UserWarning, match=r"(?s)failed and count as the worst.*right of zero"):
        two = optimize(fails_right_of_zero, SPACE, n_iter=40, n_jobs=2, seed=0)
    with pytest.warns(UserWarning, match="failed and count as the worst"):
        one = optimize(fails_right_of_zero, SPACE, n_iter=40, n_jobs=1, seed=0)
    assert params_of(one) == params_of(two)


@pytest.mark.slow
def test_lambdas_and_closures_can_be_sent_to_other_processes():
    shift = 2.0
    result = optimize(lambda params: params["x"] + shift, SPACE, n_iter=30, n_jobs=2, seed=0)
    assert result.best_score == result.best_params["x"] + 2


@pytest.mark.slow
def test_killed_process_costs_one_individual_only():
    with time_limit(60), pytest.warns(UserWarning, match=r"(?s)failed and count as the worst.*worker process died"):
        result = optimize(kills_its_process, SPACE, n_iter=12, n_jobs=2, seed=0)
    died = [math.isnan(one.score) for one in result.history]
    assert died == [one.params["x"] > 3 for one in result.history]
    assert 0 < sum(died) < 12


def test_threads_of_the_users_choice_are_used():
    threads = set()

    def fn(params):
        threads.add(threading.get_ident())
        time.sleep(0.002)
        return square(params)

    with parallel_config(backend="threading", n_jobs=2):
        result = optimize(fn, SPACE, size=20, n_iter=40, seed=0)
    assert threading.get_ident() not in threads
    assert params_of(result) == params_of(optimize(square, SPACE, size=20, n_iter=40, seed=0))


# Silence


def test_nothing_is_printed_unless_asked_for(capsys):
    optimize(square, SPACE, n_iter=20, seed=0)
    assert capsys.readouterr() == ("", "")


def test_verbose_shows_a_progress_bar(capsys):
    optimize(square, SPACE, n_iter=20, verbose=True, seed=0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "20/20" in err


# Mistakes


def call(**options):
    return optimize(**{"fn": square, "param_space": SPACE, "generation_count": 1, "size": 4, "seed": 0, **options})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"fn": None}, TypeError, "`fn` must be a function of a dict of parameters; got None."),
        (
            {"param_space": 3},
            TypeError,
            "`param_space` must be a dict of parameter names and what they may be, or a list of such dicts; "
            "got 3 (int).",
        ),
        ({"param_space": {}}, ValueError, "`param_space` must hold at least one parameter; got {}."),
        ({"param_space": []}, ValueError, "`param_space` must hold at least one dict; got []."),
        (
            {"param_space": {"x": []}},
            ValueError,
            "`param_space['x']`: `choice_list` must hold at least one value; got [].",
        ),
        ({"size": 1}, ValueError, "`size` must be an integer that is at least 2; got 1."),
        ({"size": 10.0}, TypeError, "`size` must be an integer; got 10.0."),
        ({"size": True}, TypeError, "`size` must be an integer; got True."),
        ({"generation_count": -1}, ValueError, "`generation_count` must be an integer that is at least 0; got -1."),
        ({"generation_count": "9"}, TypeError, "`generation_count` must be an integer; got '9'."),
        (
            {"percentage_to_randomly_spawn": 1.1},
            ValueError,
            "`percentage_to_randomly_spawn` must be a number that is at least 0 and at most 1; got 1.1.",
        ),
        (
            {"mutate_chance": 1.5},
            ValueError,
            "`mutate_chance` must be a number that is at least 0 and at most 1; got 1.5.",
        ),
        (
            {"mutate_chance": math.nan},
            ValueError,
            "`mutate_chance` must be a number that is at least 0 and at most 1; got nan.",
        ),
        (
            {"retain_percentage": 0},
            ValueError,
            "`retain_percentage` must be a number that is greater than 0 and at most 1; got 0.",
        ),
        (
            {"retain_percentage": 2},
            ValueError,
            "`retain_percentage` must be a number that is greater than 0 and at most 1; got 2.",
        ),
        ({"target": "low"}, TypeError, "`target` must be a number or None; got 'low'."),
        ({"target": math.nan}, ValueError, "`target` must be a number that is finite or None; got nan."),
        ({"n_iter": 0}, ValueError, "`n_iter` must be an integer that is at least 1; got 0."),
        ({"n_iter": 5.0}, TypeError, "`n_iter` must be an integer; got 5.0."),
        ({"max_time": 0}, ValueError, "`max_time` must be a number that is greater than 0 or None; got 0."),
        ({"max_time": "1h"}, TypeError, "`max_time` must be a number or None; got '1h'."),
        ({"patience": 0}, ValueError, "`patience` must be an integer that is at least 1 or None; got 0."),
        (
            {"patience": "auto"},
            ValueError,
            "`patience='auto'` needs scores on folds, as in `GeneticSearchCV`; those of `fn` do not say how noisy they "
            "are. Give a number, or `callbacks=EarlyStopping(...)`.",
        ),
        ({"n_jobs": 0}, ValueError, "`n_jobs` must be a positive or a negative integer, or None; got 0."),
        ({"n_jobs": 1.5}, TypeError, "`n_jobs` must be an integer or None; got 1.5."),
        ({"window": 0}, ValueError, "`window` must be an integer that is at least 1; got 0."),
        (
            {"seed": -1},
            ValueError,
            "`seed` must be a whole number of at least 0, a generator of numpy or None; got -1.",
        ),
    ],
    ids=str,
)
def test_mistakes_are_told_before_the_first_evaluation(options, error, message):
    calls = []
    options = {"fn": lambda params: calls.append(params) or 0.0, **options}
    with pytest.raises(error) as caught:
        call(**options)
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, AssertionError)
    assert not calls


@pytest.mark.parametrize("retain_percentage", [0.01, 1 / 3, 0.5, 0.99, 1.0])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_small_populations_and_odd_fractions_do_not_hang(size, retain_percentage):
    with time_limit(60):
        result = optimize(
            square,
            SPACE,
            size,
            3,
            percentage_to_randomly_spawn=1 / 3,
            mutate_chance=0.77,
            retain_percentage=retain_percentage,
            seed=0,
        )
    assert size < result.n_evaluations < size + 3 * size


@given(
    size=st.integers(2, 9),
    generation_count=st.integers(0, 3),
    rates=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1, exclude_min=True)),
    space=st.sampled_from(
        [SPACE, GRID, {"n": GaussianDistribution(0, 2, q=1)}, {"f": [True, False], "g": [True, False]}]
    ),
)
def test_no_allowed_input_hangs(size, generation_count, rates, space):
    with time_limit(60):
        result = optimize(lambda params: len(str(params)) % 7, space, size, generation_count, *rates, seed=0)
    assert 1 <= result.n_evaluations <= size * (1 + generation_count)


class Delegate:
    """A callable whose every unknown attribute is itself, as those of mocks and proxies are callables again."""

    def __call__(self, params):
        return square(params)

    def __getattr__(self, name):
        return self


def test_callables_that_answer_to_every_attribute_do_not_hang():
    with time_limit(60):
        result = optimize(Delegate(), SPACE, n_iter=5, seed=0)
    assert result.n_evaluations == 5


# Species


def test_species_are_told_of_the_result():
    result = optimize(of_model, MODELS, n_iter=60, seed=0, surrogate=None)
    species = result.species
    assert sum(species["n_evaluations"]) == 60
    assert species["best_score"][0] == result.best_score
    assert species["best_params"][0] == result.best_params
    assert result["species"] is species
    for words, first, last in zip(species["species"], species["first"], species["last"], strict=True):
        numbers = [one.number for one in result.history if one.species == words]
        assert (first, last) == (numbers[0], numbers[-1])


def test_failures_are_told_by_species():
    def fails_if_linear(params):
        if params["model"]["kind"] == "linear":
            raise ValueError("linear")
        return of_model(params)

    with pytest.warns(UserWarning, match="evaluations of `fn` failed"):
        species = optimize(fails_if_linear, MODELS, n_iter=40, seed=0, surrogate=None).species
    worst = species["species"].tolist().index("model=linear")
    assert worst == len(species["species"]) - 1
    assert species["n_failed"].tolist()[worst] == species["n_evaluations"][worst] > 0
    assert math.isnan(species["best_score"][worst])
    assert species["best_params"][worst] is None


def test_structures_inside_structures_inside_sequences_are_searched():
    block = {"kind": "block", "parts": SequenceDistribution([{"size": UniformDistribution(1, 5, q=1)}, None], 0, 2)}
    space = {"blocks": SequenceDistribution({"inside": [block, "nothing"], "k": [0, 1]}, 1, 3), "x": [1, 2, 3]}

    def value(params):
        insides = [one["inside"] for one in params["blocks"]]
        sizes = [part["size"] for one in insides if one != "nothing" for part in one["parts"] if part is not None]
        return abs(sum(sizes) - 7) + params["x"] + len(insides)

    result = optimize(value, space, n_iter=150, seed=0, surrogate=None)
    assert result.best_score <= 3
    assert len(result.species["species"]) > 20


# Constraints


def test_what_is_not_allowed_is_not_evaluated_and_does_not_count():
    calls = []

    def record(params):
        calls.append(params)
        return square(params)

    result = optimize(record, SPACE, n_iter=30, seed=0, constraints=lambda p: p["x"] + p["y"] < -1)
    assert len(calls) == result.n_evaluations == 30
    assert all(params["x"] + params["y"] < -1 for params in calls)


def test_all_that_is_allowed_of_a_grid_is_listed():
    result = optimize(
        lambda params: params["a"], GRID, n_iter=100, constraints=[lambda p: p["a"] > 1, lambda p: p["b"] == "u"]
    )
    assert [one.params for one in result.history] == [{"a": 2, "b": "u"}, {"a": 3, "b": "u"}]
    assert result.stop_reason == "exhausted"


def test_progress_is_that_of_what_is_allowed(capsys):
    optimize(lambda params: params["a"], GRID, constraints=lambda p: p["a"] > 1, verbose=True)
    assert "4/4" in capsys.readouterr().err


def test_constraints_that_allow_nothing_or_fail_are_told_before_the_first_evaluation():
    def never_called(params):
        raise AssertionError

    with pytest.raises(ValueError, match="`constraints` must allow some parameters of the space; they refused all 6"):
        optimize(never_called, GRID, constraints=lambda params: False)
    with pytest.raises(ValueError, match=r"`constraints` must return .*KeyError\('c'\) for \{'a': 1"):
        optimize(never_called, GRID, constraints=lambda params: params["c"])


# Functions that change their parameters


def careless(params):
    """Change everything that can be changed."""
    score = len(params["list"]) + params["nested"]["inner"][0] + params["array"].sum() + params["model"].C + params["y"]
    params["list"].append(0)
    params["nested"]["inner"][0] += 1
    params["array"] += 1
    params["model"].C += 1
    params["constant"].append(1)
    params["y"] = 9
    params["new"] = 1
    return score + sum(params["constant"])


def careless_space():
    return {
        "list": [[1], [1, 2]],
        "nested": [{"inner": [[1]], "x": UniformDistribution(0, 1)}, {"inner": [[2]], "z": UniformDistribution(0, 1)}],
        "array": [np.zeros(2), np.ones(2)],
        "model": [SVC(C=1), SVC(C=2)],
        "constant": [[0]],
        "y": UniformDistribution(0, 1),
    }


@pytest.mark.parametrize("kind", ["function", "coroutine", "two threads", "resumed"])
def test_a_function_that_changes_its_parameters_changes_nothing_else(kind, tmp_path):
    def careful(params):
        return careless(copy.deepcopy(params))

    async def careful_coroutine(params):
        return careful(params)

    async def coroutine(params):
        return careless(params)

    space, untouched = careless_space(), careless_space()
    expected = optimize(careful_coroutine if kind == "coroutine" else careful, careless_space(), n_iter=12, seed=0)
    options = {"checkpoint": tmp_path / "search.db"} if kind == "resumed" else {}
    with parallel_config("threading", n_jobs=2 if kind == "two threads" else 1):
        for _ in range(1 + (kind == "resumed")):
            found = optimize(coroutine if kind == "coroutine" else careless, space, n_iter=12, seed=0, **options)
    assert [one.score for one in found.history] == [one.score for one in expected.history]
    assert repr([one.params for one in found.history]) == repr([one.params for one in expected.history])
    assert careless(copy.deepcopy(found.best_params)) == found.best_score
    assert repr(space) == repr(untouched)
    assert found.best_params["model"] in space["model"]  # which is given back, and not a copy


def test_both_front_doors_have_the_same_budget():
    default = inspect.signature(GeneticSearchCV).parameters["n_iter"].default
    assert optimize(lambda params: params["x"], {"x": UniformDistribution(0, 1)}).n_evaluations == default
