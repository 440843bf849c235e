"""What MLflow and TensorBoard are told of a search."""

import contextlib
import copy
import pickle
import sys

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from geneticsearch import Callback, GeneticSearchCV, SequenceDistribution, UniformDistribution, optimize
from geneticsearch.callbacks import MLflowCallback, TensorBoardCallback
from geneticsearch.space import short

# Some versions of MLflow would rather not write to files.
pytestmark = pytest.mark.filterwarnings("ignore:The filesystem tracking backend:FutureWarning")

SPACE = {
    "x": UniformDistribution(-1, 1),
    "the kind (any)": ["long" * 200, "b", None],
    "layers": SequenceDistribution({"width": UniformDistribution(8, 64, q=8)}, 0, 2),
}


def loss(params):
    if params["x"] > 0.5:
        raise ValueError("no value above 0.5")
    return (params["x"] - 0.3) ** 2


@pytest.fixture(params=["mlflow", "tensorboard"])
def tracker(request, tmp_path):
    if request.param == "mlflow":
        request.getfixturevalue("store")
        return MLflowCallback()
    pytest.importorskip("tensorboard")
    return TensorBoardCallback(tmp_path / "events")


def run(*callbacks, n_iter=6, **options):
    options = {"n_iter": n_iter, "seed": 0, "surrogate": None, **options}
    with pytest.warns(UserWarning, match="of `fn` failed"):
        return optimize(loss, SPACE, callbacks=list(callbacks), **options)


class Raises(Callback):
    def __init__(self, error):
        self.error = error

    def on_result(self, individual, best):
        if individual.number == 2:
            raise self.error


@pytest.mark.filterwarnings("ignore:.*of `fn` failed:UserWarning")
def test_a_tracker_serves_a_second_search_and_is_copied_and_pickled(tracker):
    for other in (tracker, copy.deepcopy(tracker), pickle.loads(pickle.dumps(tracker))):
        first = optimize(loss, SPACE, n_iter=3, seed=0, callbacks=other)
        again = optimize(loss, SPACE, n_iter=3, seed=0, callbacks=pickle.loads(pickle.dumps(other)))
        assert again.best_score == first.best_score
        assert repr(copy.deepcopy(other)) == repr(tracker)


@pytest.mark.parametrize("module", ["mlflow", "tensorboard"])
def test_a_tracker_says_what_to_install(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.event_file_writer", None)
    callback = MLflowCallback() if module == "mlflow" else TensorBoardCallback("nowhere")
    with pytest.raises(ImportError, match=rf'needs {module}: pip install "geneticsearch\[{module}\]"'):
        optimize(loss, SPACE, n_iter=2, callbacks=callback)


# MLflow


@pytest.fixture
def store(monkeypatch, tmp_path):
    """Let MLflow write to files, the fastest of its stores; return a client of it."""
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "runs").as_uri())
    for name in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID"):
        monkeypatch.setenv(name, "")  # so that what MLflow puts there is taken away again
        monkeypatch.delenv(name)
    return mlflow.MlflowClient()


def runs_in(client, experiment="Default"):
    """Return the run of the search and those of the candidates, in their order."""
    found = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    nested = [one for one in found if one.info.run_name.startswith("candidate ")]
    (parent,) = [one for one in found if one.info.run_name == "geneticsearch"]
    assert {one.data.tags["mlflow.parentRunId"] for one in nested} <= {parent.info.run_id}
    return parent, sorted(nested, key=lambda one: int(one.info.run_name.removeprefix("candidate ")))


def test_mlflow_has_a_run_for_each_candidate(store):
    result = run(MLflowCallback())
    _, nested = runs_in(store)
    assert len(nested) == 6
    for one, individual in zip(nested, result.history, strict=True):
        is_scored = np.isfinite(individual.score)
        assert one.info.status == ("FINISHED" if is_scored else "FAILED")
        assert one.data.metrics == ({"score": individual.score} if is_scored else {})
        assert one.info.start_time == round(individual.start * 1000)
        assert one.info.end_time == round((individual.start + individual.duration) * 1000)
        tags = {name: value for name, value in one.data.tags.items() if not name.startswith("mlflow.")}
        assert tags == {
            "species": individual.species,
            "origin": individual.origin,
            "generation": str(individual.generation),
            "parents": ", ".join(map(str, individual.parents)),
        }
        layers = {f"layers.{k}.width": str(layer["width"]) for k, layer in enumerate(individual.params["layers"])}
        assert one.data.params == {
            "x": str(individual.params["x"]),
            "the kind _any_": short(individual.params["the kind (any)"], 500),
            **(layers or {"layers": "()"}),
        }
    assert {one.info.status for one in nested} == {"FINISHED", "FAILED"}


def test_mlflow_has_a_run_for_the_search(store):
    callback = MLflowCallback()
    result = run(callback, n_iter=8)
    parent, _ = runs_in(store)
    assert parent.info.run_id == callback.run_id
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics == {"best_score": result.best_score, "n_candidates": 8}
    assert parent.data.params["x"] == str(result.best_params["x"])
    assert parent.data.tags["stop_reason"] == "n_iter"
    history = store.get_metric_history(callback.run_id, "best_score")
    steps = {metric.step: metric.value for metric in history}
    assert len(steps) > 1
    assert all(result.history[step].score == value for step, value in steps.items())
    assert list(steps.values()) == sorted(steps.values(), reverse=True)


@pytest.mark.parametrize(("error", "status"), [(ZeroDivisionError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_no_run_is_left_running(store, error, status):
    import mlflow

    with pytest.raises(error):
        optimize(loss, SPACE, n_iter=6, seed=0, callbacks=[MLflowCallback(), Raises(error())])
    parent, nested = runs_in(store)
    assert parent.info.status == status
    assert [one.info.status for one in nested].count("RUNNING") == 0
    assert mlflow.active_run() is None


def test_the_run_of_a_search_is_nested_in_the_active_one_and_leaves_it_as_it_was(store):
    import mlflow

    experiment = store.create_experiment("digits")
    with mlflow.start_run(experiment_id=experiment, run_name="mine") as active:
        run(MLflowCallback())
        assert mlflow.active_run().info.run_id == active.info.run_id
    parent, nested = runs_in(store, "digits")
    assert parent.data.tags["mlflow.parentRunId"] == active.info.run_id
    assert len(nested) == 6
    mine = store.get_run(active.info.run_id)
    assert mine.info.status == "FINISHED"
    assert not mine.data.params
    assert not mine.data.metrics


def test_an_active_run_has_no_part_in_another_store(store, tmp_path):
    import mlflow

    uri = (tmp_path / "others").as_uri()
    with mlflow.start_run(experiment_id="0"):
        run(MLflowCallback(tracking_uri=uri, experiment_name="elsewhere"))
    parent, nested = runs_in(mlflow.MlflowClient(uri), "elsewhere")
    assert "mlflow.parentRunId" not in parent.data.tags
    assert len(nested) == 6


def test_the_experiment_is_the_named_one_or_the_one_chosen(store, monkeypatch):
    import mlflow

    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "of the environment")
    run(MLflowCallback(), n_iter=3)
    assert len(runs_in(store, "of the environment")[1]) == 3
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME")
    mlflow.set_experiment("chosen")
    run(MLflowCallback(), n_iter=3)
    assert len(runs_in(store, "chosen")[1]) == 3
    run(MLflowCallback(experiment_name="named"), n_iter=3)
    assert len(runs_in(store, "named")[1]) == 3


def test_mlflow_takes_any_number_of_parameters(store):
    space = {f"p{i}": UniformDistribution(0, 1) for i in range(230)}
    optimize(lambda params: params["p0"], space, n_iter=1, seed=0, callbacks=MLflowCallback())
    parent, (candidate,) = runs_in(store)
    assert len(parent.data.params) == len(candidate.data.params) == 230


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_autologging_pauses_while_a_search_is_written(store, error):
    mlflow = pytest.importorskip("mlflow")
    sklearn = pytest.importorskip("mlflow.sklearn")
    space = {"alpha": UniformDistribution(0, 1)}
    callbacks = [MLflowCallback(), *([Raises(error)] if error else [])]
    search = GeneticSearchCV(Ridge(), space, n_iter=3, cv=2, random_state=0, refit=False, callbacks=callbacks)
    mlflow.set_experiment("Default")
    sklearn.autolog(log_models=False, log_datasets=False, silent=True)
    try:
        with contextlib.nullcontext() if error is None else pytest.raises(error):
            search.fit(np.arange(24.0).reshape(12, 2), np.arange(12.0))
        parent, nested = runs_in(store)
        assert len(nested) == 3
        assert len(store.search_runs([parent.info.experiment_id])) == 4
        Ridge().fit([[0.0], [1.0]], [0.0, 1.0])
        assert len(store.search_runs([parent.info.experiment_id])) == 5  # it goes on afterwards
    finally:
        sklearn.autolog(disable=True)
    assert mlflow.active_run() is None


# TensorBoard


def events_in(directory):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(directory), size_guidance={accumulator.SCALARS: 0})
    events.Reload()
    return events


def scalars_in(directory, tag):
    return {event.step: event.value for event in events_in(directory).Scalars(tag)}


def test_tensorboard_has_scores_over_the_candidates(tmp_path):
    pytest.importorskip("tensorboard")
    result = run(TensorBoardCallback(tmp_path), n_iter=12)
    scores = {one.number: one.score for one in result.history if np.isfinite(one.score)}
    assert len(scores) < 12
    assert scalars_in(tmp_path, "search/score") == pytest.approx(scores)
    best = np.fmin.accumulate([one.score for one in result.history])
    expected = {i: score for i, score in enumerate(best) if np.isfinite(score)}
    assert scalars_in(tmp_path, "search/best_score") == pytest.approx(expected)
    species = [one.species for one in result.history]
    assert scalars_in(tmp_path, "search/species") == {i: len(set(species[: i + 1])) for i in range(12)}
    times = [event.wall_time for event in events_in(tmp_path).Scalars("search/species")]
    assert times == pytest.approx([one.start + one.duration for one in result.history])


def test_tensorboard_has_parameters_and_score_of_each_candidate(tmp_path):
    metadata = pytest.importorskip("tensorboard.plugins.hparams.metadata")
    from tensorboard.plugins.hparams.api_pb2 import STATUS_FAILURE, STATUS_SUCCESS

    result = run(TensorBoardCallback(tmp_path))
    for one in result.history:
        events = events_in(tmp_path / "candidates" / str(one.number))
        begun, ended = (
            events.SummaryMetadata(tag).plugin_data.content
            for tag in (metadata.SESSION_START_INFO_TAG, metadata.SESSION_END_INFO_TAG)
        )
        begun = metadata.parse_session_start_info_plugin_data(begun)
        ended = metadata.parse_session_end_info_plugin_data(ended)
        is_scored = np.isfinite(one.score)
        assert ended.status == (STATUS_SUCCESS if is_scored else STATUS_FAILURE)
        assert (begun.start_time_secs, ended.end_time_secs) == pytest.approx((one.start, one.start + one.duration))
        assert begun.hparams["x"].number_value == one.params["x"]
        assert begun.hparams["the kind (any)"].string_value == short(one.params["the kind (any)"], 500)
        widths = [begun.hparams[f"layers[{k}].width"].number_value for k in range(len(one.params["layers"]))]
        assert widths == [layer["width"] for layer in one.params["layers"]]
        assert events.Tags()["scalars"] == (["score"] if is_scored else [])


def test_tensorboard_without_hparams_has_one_file(tmp_path):
    pytest.importorskip("tensorboard")
    run(TensorBoardCallback(tmp_path / "events", hparams=False))
    assert len(list((tmp_path / "events").rglob("*"))) == 1


def test_tensorboard_of_a_search_that_fails_has_what_was_told(tmp_path):
    pytest.importorskip("tensorboard")
    with pytest.raises(ZeroDivisionError):
        optimize(loss, SPACE, n_iter=6, seed=0, callbacks=[TensorBoardCallback(tmp_path), Raises(ZeroDivisionError())])
    assert set(scalars_in(tmp_path, "search/species")) == {0, 1, 2}
