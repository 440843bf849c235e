"""What watches a search: when it is told of what, and how it stops it."""

import io
import pickle
import re
import subprocess
import sys
import threading

import estimators
import numpy as np
import pytest
from estimators import Formula, X, y
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from tqdm import tqdm

from geneticsearch import Callback, Individual, UniformDistribution, load_history, optimize
from geneticsearch.callbacks import EarlyStopping, SearchInfo

SPACE = {"a": UniformDistribution(0, 1)}


def distance(params):
    return (params["a"] - 0.3) ** 2


def search(**options):
    return estimators.search(SPACE, Formula(), **{"n_iter": 16, "cv": 2, **options})


def fronts(**options):
    """Search through both front doors; return their scores and reasons to stop."""
    one = search(**options).fit(X, y)
    result = optimize(distance, SPACE, n_iter=16, size=4, seed=0, surrogate=None, **options)
    return [
        (one.cv_results_["mean_test_score"].tolist(), one.stop_reason_),
        ([individual.score for individual in result.history], result.stop_reason),
    ]


class Recorder(Callback):
    """Writes down what it is told, and holds what no process can be sent."""

    def __init__(self):
        self.told = []
        self.lock = threading.Lock()

    def __deepcopy__(self, memo):
        return type(self)()

    def on_start(self, search):
        self.told.append(("start", search.n_candidates, search.max_time, search.maximize))

    def on_result(self, individual, best):
        self.told.append(("result", individual.number, individual.score, best and (best.number, best.score)))

    def on_improvement(self, individual):
        self.told.append(("improvement", individual.number, individual.score))

    def on_end(self, outcome):
        self.told.append(("end", outcome.stop_reason, outcome.n_kept))

    def of(self, event):
        return [one[1:] for one in self.told if one[0] == event]


class StopAfter(Callback):
    def __init__(self, n):
        self.n = n

    def on_result(self, individual, best):
        return individual.number + 1 >= self.n


class Raises(Callback):
    def __init__(self, method, number=5):
        self.method = method
        self.number = number

    def fail(self, method, number=None):
        if method == self.method and number in (None, self.number):
            raise ZeroDivisionError(method)

    def on_start(self, search):
        self.fail("on_start")

    def on_result(self, individual, best):
        self.fail("on_result", individual.number)

    def on_end(self, outcome):
        self.fail("on_end")


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_search_is_the_same_with_callbacks_and_without(n_jobs):
    assert fronts(n_jobs=n_jobs, callbacks=Recorder()) == fronts()


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_candidates_are_told_in_order_and_improvements_after_their_result(n_jobs):
    recorder = Recorder()
    result = optimize(distance, SPACE, n_iter=16, seed=0, n_jobs=n_jobs, callbacks=[recorder], max_time=100)
    scores = [one.score for one in result.history]
    assert recorder.told[0] == ("start", 16, 100, False)
    assert recorder.told[-1] == ("end", "n_iter", 16)
    assert [(number, score) for number, score, _ in recorder.of("result")] == list(enumerate(scores))
    best = np.minimum.accumulate(scores)
    assert [best[1] for *_, best in recorder.of("result")] == best.tolist()
    improvements = [i for i in range(16) if i == 0 or best[i] < best[i - 1]]
    assert recorder.of("improvement") == [(i, scores[i]) for i in improvements]
    places = [recorder.told.index(("improvement", i, scores[i])) for i in improvements]
    assert all(recorder.told[place - 1][:2] == ("result", i) for place, i in zip(places, improvements, strict=True))


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_callback_that_returns_true_stops_the_search(n_jobs):
    assert [(len(scores), reason) for scores, reason in fronts(n_jobs=n_jobs, callbacks=StopAfter(7))] == [
        (7, "callback"),
        (7, "callback"),
    ]


def test_what_else_a_callback_returns_does_not_stop_the_search():
    class Chatty(Callback):
        def on_result(self, individual, best):
            return "done"

    assert {reason for _, reason in fronts(callbacks=Chatty())} == {"n_iter"}


def test_target_goes_before_a_callback():
    assert {reason for _, reason in fronts(callbacks=StopAfter(1), target=-100)} == {"target", "callback"}


def test_all_callbacks_are_told_even_if_the_first_stops_the_search():
    recorder = Recorder()
    search(callbacks=[StopAfter(3), recorder]).fit(X, y)
    assert [number for number, *_ in recorder.of("result")] == [0, 1, 2]
    assert recorder.of("end") == [("callback", 3)]


def test_failed_candidates_are_told_and_are_no_improvement():
    recorder = Recorder()
    one = search(callbacks=recorder, n_iter=10)
    one.set_params(estimator__fails_above=0.5)
    with pytest.warns(FitFailedWarning), pytest.warns(UserWarning, match="non-finite"):
        one.fit(X, y)
    failed = {number for number, score, _ in recorder.of("result") if np.isnan(score)}
    assert failed == set(np.flatnonzero(np.isnan(one.cv_results_["mean_test_score"])))
    assert failed
    assert not failed & {number for number, _ in recorder.of("improvement")}


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_exception_of_a_callback_loses_nothing(tmp_path, n_jobs):
    recorder = Recorder()
    path = tmp_path / "search.db"
    one = search(callbacks=[Raises("on_result"), recorder], n_jobs=n_jobs, checkpoint=path)
    with pytest.raises(ZeroDivisionError, match="on_result"):
        one.fit(X, y)
    assert one.stop_reason_ == "error"
    assert len(one.cv_results_["params"]) >= 6
    assert one.best_params_ in one.cv_results_["params"]
    assert len(load_history(path)) == len(one.cv_results_["params"])
    assert recorder.of("end")[0][0] == "error"
    resumed = search(checkpoint=path).fit(X, y)
    np.testing.assert_array_equal(
        resumed.cv_results_["mean_test_score"], search().fit(X, y).cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize(("method", "n_known"), [("on_result", 6), ("on_end", 16)])
def test_the_result_so_far_travels_on_the_exception_of_a_callback(method, n_known):
    with pytest.raises(ZeroDivisionError, match=method) as caught:
        optimize(distance, SPACE, n_iter=16, seed=0, surrogate=None, callbacks=Raises(method))
    result = caught.value.partial_result
    assert (result.n_evaluations, result.stop_reason) == (n_known, "error")
    assert result.best_score == min(one.score for one in result.history if one.score is not None)


def test_an_exception_at_the_end_keeps_the_search_and_tells_the_others():
    recorder = Recorder()
    one = search(callbacks=[recorder, Raises("on_end")])
    with pytest.raises(ZeroDivisionError, match="on_end"):
        one.fit(X, y)
    assert len(one.cv_results_["params"]) == 16
    assert recorder.of("end") == [("n_iter", 16)]


def test_an_exception_at_the_start_ends_the_search_before_the_first_fit():
    first, last = Recorder(), Recorder()
    with pytest.raises(ZeroDivisionError, match="on_start"):
        search(callbacks=[first, Raises("on_start"), last]).fit(X, y)
    assert [one[0] for one in first.told] == ["start", "end"]
    assert not last.told


def test_an_interrupt_is_told():
    def interrupt(params):
        raise KeyboardInterrupt

    recorder = Recorder()
    with pytest.raises(KeyboardInterrupt):
        optimize(interrupt, SPACE, n_iter=5, callbacks=recorder)
    assert recorder.of("end")[0][0] == "interrupted"


def test_callbacks_see_what_a_checkpoint_answers_for(tmp_path):
    told = []
    for _ in range(2):
        recorder = Recorder()
        search(callbacks=recorder, checkpoint=tmp_path / "search.db").fit(X, y)
        told.append(recorder.told)
    assert told[0] == told[1]


def test_a_search_with_callbacks_is_cloned_and_pickled():
    callbacks = [StopAfter(4)]
    one = search(callbacks=callbacks)
    assert one.get_params()["callbacks"] is callbacks
    for other in (clone(one), pickle.loads(pickle.dumps(one)), pickle.loads(pickle.dumps(clone(one).fit(X, y)))):
        assert other.callbacks[0].n == 4
        assert other.callbacks[0] is not callbacks[0]
    assert len(clone(one).fit(X, y).cv_results_["params"]) == 4


@pytest.mark.parametrize("callbacks", [print, StopAfter, [StopAfter(1), None], "bar"])
def test_what_is_no_callback_is_refused(callbacks):
    message = "`callbacks` must be a geneticsearch.Callback, a list of them or None; got"
    with pytest.raises(TypeError, match=message):
        search(callbacks=callbacks).fit(X, y)
    with pytest.raises(TypeError, match=message):
        optimize(distance, SPACE, n_iter=2, callbacks=callbacks)


# The progress bar


def last_bar(text):
    return [line for line in re.split(r"[\r\n]+", text) if line.startswith("Optimizing")][-1]


def test_the_bar_shows_candidates_best_score_and_time(capsys):
    result = optimize(distance, SPACE, n_iter=20, seed=0, verbose=True)
    out, err = capsys.readouterr()
    assert not out
    assert re.search(r"20/20 \[\d+:\d+<00:00, .*\d+.*, best=.*\]", last_bar(err))
    assert f"best={result.best_score:.5g}" in last_bar(err)
    assert "species" not in err


def test_the_bar_counts_the_species_that_are_alive(capsys):
    space = {"a": [UniformDistribution(0, 1), UniformDistribution(2, 3), "none"]}
    optimize(lambda params: 0.0, space, n_iter=20, seed=0, verbose=1)
    assert re.search(r"species=[23]\]", last_bar(capsys.readouterr().err))


def test_the_bar_shows_the_sooner_of_both_ends(monkeypatch):
    from geneticsearch.callbacks import _progress

    bar = _progress._Bar(total=100, disable=True)
    shown = {"elapsed": 10.0, "n": 20, "total": 100, "rate": None}
    monkeypatch.setattr(_progress.tqdm, "format_dict", property(lambda self: shown))
    assert bar.format_dict["time_left"] == "00:40"
    bar.max_time = 35
    assert bar.format_dict["time_left"] == "00:25"
    bar.max_time = 5
    assert bar.format_dict["time_left"] == "00:00"
    bar.max_time = None
    shown["n"] = 0
    assert bar.format_dict["time_left"] == "?"


@pytest.mark.parametrize(
    ("stop_reason", "style"), [("max_time", "success"), ("target", "success"), ("error", "danger"), ("", "danger")]
)
def test_a_bar_in_a_notebook_is_red_where_something_went_wrong(monkeypatch, stop_reason, style):
    from geneticsearch.callbacks import _progress

    shown = []
    monkeypatch.setattr(_progress.tqdm, "display", lambda self, **kwargs: shown.append(kwargs["bar_style"]))
    # As a notebook's does where some are left to do.
    monkeypatch.setattr(_progress.tqdm, "close", lambda self: self.display(bar_style="danger"))
    bar = _progress.ProgressBar(1)
    bar._bar = _progress._Bar(total=100, disable=True)
    bar.on_end(_progress.Outcome(stop_reason or "interrupted", 3))
    assert shown == [style]


def test_verbose_2_tells_of_each_improvement_on_its_own_line(capsys):
    recorder = Recorder()
    optimize(distance, SPACE, n_iter=20, seed=0, verbose=2, callbacks=recorder)
    out, err = capsys.readouterr()
    assert not out
    lines = [line for line in re.split(r"[\r\n]+", err) if line.startswith("candidate ")]
    assert [int(re.match(r"candidate (\d+): \S+ with a=", line)[1]) for line in lines] == [
        number for number, _ in recorder.of("improvement")
    ]


def test_verbose_2_of_a_search_tells_of_improvements_and_3_of_fits(capsys):
    search(verbose=2).fit(X, y)
    out, err = capsys.readouterr()
    assert "candidate 0: " in err
    assert "[CV" not in out
    search(verbose=3, n_iter=2).fit(X, y)
    assert "[CV" in capsys.readouterr().out


def test_improvements_have_as_many_digits_as_tell_them_apart(capsys):
    scores = iter([-54.34911, -54.34914, -54.349141, -54.4, *[0.0] * 20])
    optimize(lambda params: next(scores), SPACE, n_iter=6, seed=0, verbose=2)
    err = capsys.readouterr().err
    assert re.findall(r"candidate \d+: (\S+) with", err) == ["-54.349", "-54.34914", "-54.349141", "-54.4"]
    assert "best=-54.4]" in last_bar(err)


class Broken(io.StringIO):
    """A terminal that takes nothing, from the nth write on."""

    def __init__(self, n, error):
        super().__init__()
        self.n = n
        self.error = error

    def write(self, text):
        self.n -= 1
        if self.n < 0:
            raise self.error
        return super().write(text)

    def flush(self):
        self.write("")


@pytest.mark.parametrize("n", [0, 5])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), BrokenPipeError(), ValueError("I/O operation on closed file.")]
)
def test_progress_never_costs_the_search(monkeypatch, n, error):
    for name in "stdout", "stderr":
        monkeypatch.setattr(sys, name, Broken(n, error))
    assert fronts(verbose=2) == fronts()
    other = threading.Thread(target=tqdm.write, args=["", io.StringIO()], daemon=True)
    other.start()
    other.join(10)  # tqdm's own thread takes its lock too: Python would not end if nobody let go of it
    assert not other.is_alive()


def test_lines_of_fits_never_cost_the_search(monkeypatch):
    quiet = search(n_iter=3).fit(X, y).cv_results_["mean_test_score"]
    monkeypatch.setattr(sys, "stdout", Broken(0, OSError(28, "No space left on device")))
    np.testing.assert_array_equal(search(n_iter=3, verbose=3).fit(X, y).cv_results_["mean_test_score"], quiet)


def test_without_any_terminal_there_is_no_progress(monkeypatch):
    for name in "stdout", "stderr":
        monkeypatch.setattr(sys, name, None)
    assert fronts(verbose=2) == fronts()


def test_nothing_is_printed_at_0(capsys):
    fronts(callbacks=Recorder(), verbose=0)
    assert capsys.readouterr() == ("", "")


# Early stopping


def n_told(callback, scores, maximize):
    """Tell a callback of scores, as a search would; return after how many it says stop, None if never."""
    callback.on_start(SearchInfo(len(scores), None, maximize))
    best = None
    for number, score in enumerate(scores):
        one = Individual(number, 0, "only one", {}, (), "initial", np.zeros(1), score)
        if not np.isnan(score) and (best is None or (score > best.score if maximize else score < best.score)):
            best = one
        if callback.on_result(one, best):
            return number + 1
    return None


NAN = float("nan")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("options", "scores", "n"),
    [
        ({"patience": 2, "min_improvement": 0.5}, [1, 2, 3, 3.2, 3.4, 9], 5),
        ({"patience": 2, "min_improvement": 0.5}, [1, 2, 3, 4, 5, 6], None),
        ({"patience": 2, "min_improvement": 0.5}, [1, 0, 1.5], 3),  # just 0.5 is too little
        ({"patience": 2, "min_improvement": 0}, [1, 0, 0, 5], 3),
        ({"patience": 2, "min_improvement": 0.5}, [NAN, NAN, NAN, 1], 3),
        ({"patience": 2, "min_improvement": 0.5}, [NAN, NAN, 1, NAN, NAN, 9], 5),
        ({"patience": 3, "min_improvement": 0.1, "relative": True}, [100, 105, 106, 109, 200], 4),
        ({"patience": 3, "min_improvement": 0.1, "relative": True}, [100, 105, 106, 111, 112, 113], 5),
        ({"patience": 2, "min_improvement": 0.1, "relative": True}, [NAN, NAN, 1, 2, 2, 2], 6),
        ({"patience": 2, "min_improvement": 0.1, "relative": True}, [0, 0, 0], 3),
    ],
)
def test_early_stopping_ends_a_search_that_hardly_improves(options, scores, n, sign):
    callback = EarlyStopping(**options)
    for _ in range(2):  # the second search begins anew
        assert n_told(callback, [sign * score for score in scores], maximize=sign == 1) == n


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_early_stopping_ends_both_searches_at_the_same_candidate_for_any_n_jobs(n_jobs):
    stopped = fronts(callbacks=EarlyStopping(6, 1e-3))
    assert fronts(n_jobs=n_jobs, callbacks=EarlyStopping(6, 1e-3)) == stopped
    assert {reason for _, reason in stopped} == {"callback"}


def test_early_stopping_is_cloned_and_pickled():
    one = search(callbacks=[EarlyStopping(4, 0.1, relative=True)])
    for other in (clone(one), pickle.loads(pickle.dumps(clone(one).fit(X, y)))):
        assert repr(other.callbacks) == "[EarlyStopping(patience=4, min_improvement=0.1, relative=True)]"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patience": 0, "min_improvement": 1}, "`patience` must be an integer that is at least 1; got 0"),
        ({"patience": 2.5, "min_improvement": 1}, "`patience` must be an integer; got 2.5"),
        ({"patience": 2, "min_improvement": -1}, "`min_improvement` must be a number that is at least 0; got -1"),
    ],
)
def test_early_stopping_refuses_what_makes_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**options)


@pytest.mark.slow
def test_a_notebook_without_widgets_is_not_warned_about():
    code = (
        "import sys, types, warnings; warnings.simplefilter('error')\n"
        "sys.modules['ipywidgets'] = None\n"
        "module = types.ModuleType('IPython')\n"
        "module.get_ipython = lambda: types.SimpleNamespace(config={'IPKernelApp': 1})\n"
        "sys.modules['IPython'] = module\n"
        "import geneticsearch.callbacks\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
