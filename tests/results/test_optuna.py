"""A search as a study of Optuna."""

import json
import sys
from datetime import datetime

import numpy as np
import pytest
from estimators import loss, searched
from scipy import stats
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from geneticsearch import (
    ChoiceDistribution,
    GaussianDistribution,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
    optimize,
    to_optuna,
)

optuna = pytest.importorskip("optuna")
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution  # noqa: E402
from optuna.trial import TrialState  # noqa: E402

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*of `fn` failed:UserWarning",
    "ignore::sklearn.exceptions.FitFailedWarning",
    "ignore:One or more of the test scores are non-finite:UserWarning",
)

FLAT = {
    "a": UniformDistribution(0, 1),
    "b": LogUniformDistribution(1e-3, 1e3),
    "kind": [StandardScaler(), MinMaxScaler(), "a word of more than 24 letters", None, True],
}
CONDITIONAL = [
    {"a": UniformDistribution(0, 1), "kind": [{"c": UniformDistribution(1, 9, q=2)}, "none"]},
    {"a": ["auto", 0.25], "b": stats.loguniform(1e-2, 10)},
]
SEQUENCE = {
    "a": UniformDistribution(0, 1),
    "b": SequenceDistribution({"width": UniformDistribution(8, 64, q=8), "act": ["relu", "tanh"]}, 0, 2),
}
SPACES = {"flat": FLAT, "conditional": CONDITIONAL, "sequence": SEQUENCE}


def distributions(study):
    return {name: one for trial in study.trials for name, one in trial.distributions.items()}


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_a_study_has_a_trial_for_each_candidate(space, tmp_path):
    one = searched(space, checkpoint=tmp_path / "search.db")
    result = optimize(loss, space, n_iter=40, seed=0, surrogate=None)
    sources = (one, one.history_), (result, result.history), (tmp_path / "search.db", one.history_)
    for source, history in sources:
        study = to_optuna(source)
        assert study.direction.name == ("MINIMIZE" if source is result else "MAXIMIZE")
        assert len(study.trials) == len(history)
        for trial, individual in zip(study.trials, history, strict=True):
            is_scored = np.isfinite(individual.score)
            assert trial.number == trial.user_attrs["number"] == individual.number
            assert trial.state == (TrialState.COMPLETE if is_scored else TrialState.FAIL)
            assert trial.value == (individual.score if is_scored else None)
            assert trial.datetime_start == datetime.fromtimestamp(individual.start)
            assert trial.duration.total_seconds() == pytest.approx(individual.duration, abs=1e-5)
            for name in ("generation", "species", "origin"):
                assert trial.user_attrs[name] == getattr(individual, name)
            assert trial.user_attrs["parents"] == list(individual.parents)
        assert {trial.state for trial in study.trials} == {TrialState.COMPLETE, TrialState.FAIL}


def test_a_study_has_the_scores_on_the_folds():
    one = searched(FLAT)
    for i, trial in enumerate(to_optuna(one).trials):
        folds = [one.cv_results_[f"split{k}_test_score"][i] for k in range(3)]
        assert trial.user_attrs["fold_scores"] == [None if np.isnan(score) else score for score in folds]
        assert trial.intermediate_values == {k: score for k, score in enumerate(folds) if np.isfinite(score)}
    assert "fold_scores" not in to_optuna(optimize(loss, FLAT, n_iter=9, seed=0)).trials[0].user_attrs


def test_parameters_are_those_of_the_candidates_and_other_objects_are_words():
    one = searched(FLAT)
    study = to_optuna(one)
    for trial, individual in zip(study.trials, one.history_, strict=True):
        kind = individual.params["kind"]
        kind = type(kind).__name__ if hasattr(kind, "fit") else kind
        assert trial.params == {**individual.params, "kind": kind}
        assert json.loads(json.dumps(trial.user_attrs)) == trial.user_attrs
    assert distributions(study) == {
        "a": FloatDistribution(0, 1),
        "b": FloatDistribution(1e-3, 1e3, log=True),
        "kind": CategoricalDistribution(
            ["StandardScaler", "MinMaxScaler", "a word of more than 24 letters", None, True]
        ),
    }


def test_parameters_of_dicts_and_sequences_are_those_inside():
    one = searched(SEQUENCE)
    study = to_optuna(one)
    for trial, individual in zip(study.trials, one.history_, strict=True):
        layers = individual.params["b"]
        inside = {f"b[{k}].{name}": value for k, layer in enumerate(layers) for name, value in layer.items()}
        assert trial.params == {"a": individual.params["a"], "length of b": len(layers), **inside}
    assert distributions(study)["b[1].width"] == IntDistribution(8, 64, step=8)


def test_a_parameter_that_is_a_number_or_a_word_is_two():
    one = searched(CONDITIONAL)
    study = to_optuna(one)
    for trial, individual in zip(study.trials, one.history_, strict=True):
        a = individual.params["a"]
        assert trial.params["kind of a"] == ("auto" if a == "auto" else "a number")
        assert trial.params.get("a") == (None if a == "auto" else a)
    found = distributions(study)
    assert found["a"] == FloatDistribution(0, 1)
    assert found["b"] == FloatDistribution(1e-2, 10, log=True)
    assert found["kind.c"] == IntDistribution(2, 8, step=2)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (UniformDistribution(2, 50, q=2), IntDistribution(2, 50, step=2)),
        (UniformDistribution(0, 1, q=0.1), FloatDistribution(0, 1, step=0.1)),
        (LogUniformDistribution(1, 1000, q=1), IntDistribution(1, 1000, log=True)),
        (GaussianDistribution(0, 1, low=-2, high=2), FloatDistribution(-2, 2)),
        (stats.randint(1, 9), IntDistribution(1, 8)),
        (stats.uniform(1, 2), FloatDistribution(1, 3)),
        ([8, 64, 16, 32], IntDistribution(8, 64)),
        ([0.25, 0.5, 0.75], FloatDistribution(0.25, 0.75)),
        ([True, False], CategoricalDistribution([True, False])),
        (
            ChoiceDistribution(["a", "b", "never"], [0.5, 0.499999, 0.000001]),
            CategoricalDistribution(["a", "b", "never"]),
        ),
    ],
)
def test_ranges_are_those_of_the_space(spec, expected):
    space = {"x": spec, "y": UniformDistribution(0, 1)}
    result = optimize(lambda params: params["y"], space, n_iter=10, seed=0, surrogate=None)
    assert distributions(to_optuna(result))["x"] == expected


def test_a_range_without_end_is_that_of_the_values(tmp_path):
    path = tmp_path / "search.db"
    space = {"x": GaussianDistribution(0, 1), "y": UniformDistribution(0, 1)}
    result = optimize(lambda params: params["x"], space, n_iter=10, seed=0, checkpoint=path)
    values = {name: [one.params[name] for one in result.history] for name in space}
    found = distributions(to_optuna(result))
    assert (found["x"].low, found["x"].high) == (min(values["x"]), max(values["x"]))
    assert (found["y"].low, found["y"].high) == (0, 1)
    found = distributions(to_optuna(path))  # which does not know the space
    assert (found["y"].low, found["y"].high) == (min(values["y"]), max(values["y"]))


def test_a_given_study_takes_the_trials_of_several_searches():
    study = optuna.create_study(direction="minimize", study_name="both")
    results = [optimize(loss, SEQUENCE, n_iter=12, seed=seed) for seed in (0, 1)]
    for result in results:
        assert to_optuna(result, study) is study
    assert len(study.trials) == 24
    assert study.best_value == min(result.best_score for result in results)


@pytest.mark.parametrize("directions", [["maximize"], ["minimize", "minimize"]])
def test_a_study_of_another_direction_is_refused(directions):
    study = optuna.create_study(directions=directions)
    result = optimize(loss, FLAT, n_iter=4, seed=0)
    with pytest.raises(ValueError, match=r"`study` must have the directions \['minimize'\], as the search; got"):
        to_optuna(result, study)
    assert not study.trials


def test_several_objectives_make_a_study_of_as_many_directions():
    result = optimize(lambda params: (params["a"], -params["a"]), FLAT, n_iter=6, seed=0, objectives=["min", "max"])
    study = to_optuna(result)
    assert [one.name for one in study.directions] == ["MINIMIZE", "MAXIMIZE"]
    assert [tuple(trial.values) for trial in study.trials] == [one.scores for one in result.history]
    assert {trial.number for trial in study.best_trials} == {one.number for one in result.pareto_front}


def test_what_is_no_search_is_refused():
    with pytest.raises(TypeError, match="a fitted search, an OptimizeResult or the path of a checkpoint"):
        to_optuna(5)


def test_to_optuna_says_what_to_install(monkeypatch):
    result = optimize(loss, FLAT, n_iter=4, seed=0)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match=r'`to_optuna` needs optuna: pip install "geneticsearch\[optuna\]"'):
        to_optuna(result)


@pytest.mark.slow
def test_a_study_in_a_database_is_read_again(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    one = searched(CONDITIONAL)
    study = to_optuna(one, optuna.create_study(storage=url, study_name="search", direction="maximize"))
    again = optuna.load_study(storage=url, study_name="search")
    assert [trial.params for trial in again.trials] == [trial.params for trial in study.trials]
    assert again.best_value == one.cv_results_["mean_test_score"][~np.isnan(one.cv_results_["mean_test_score"])].max()


PICTURES = ["optimization_history", "param_importances", "parallel_coordinate", "slice", "contour", "timeline"]


@pytest.mark.slow
@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.filterwarnings("ignore")  # Optuna and what it calls deprecate this and that
def test_optuna_draws_a_search(picture, space):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    draw = getattr(optuna.visualization.matplotlib, f"plot_{picture}")
    study = to_optuna(searched(space))
    names = list(distributions(study))[:3]  # all pairs would take long
    assert draw(study, **({"params": names} if picture == "contour" else {})) is not None
    matplotlib.pyplot.close("all")
