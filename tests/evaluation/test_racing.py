"""Races over folds: who is stopped, what users see of it, and that the result depends on nothing else."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from estimators import (
    FLAT,
    OWN_AND_ERROR,
    Formula,
    StopAt,
    X,
    check_stopped_have_no_means,
    count,
    quietly,
    same,
    search,
    y,
)
from joblib import parallel_config
from sklearn.model_selection import RepeatedKFold

from geneticsearch import Callback, GeneticSearchCV, fastest_within, load_history, one_standard_error, plots, to_optuna
from geneticsearch.evaluation._calls import Task, Trial
from geneticsearch.evaluation._racing import LEVEL, Race, Rival
from geneticsearch.evolution import Individual
from geneticsearch.report import write_report
from geneticsearch.results import history_of

K = 5


class Noisy(Formula):
    """Scores that differ from fold to fold, and by candidate."""

    def score(self, X, y=None):
        return super().score(X, y) + 0.02 * np.sin(1e4 * self.a + np.sum(X))


def race(estimator=None, n_iter=40, fit=True, **options):
    one = search(FLAT, Noisy() if estimator is None else estimator, cv=K, n_iter=n_iter, racing=True, **options)
    return one.fit(X, y) if fit else one


@pytest.fixture(scope="module")
def raced():
    return race(refit=True)


# Who is stopped


def test_the_estimate_is_that_of_the_rival_and_the_mean_difference_from_it():
    rival = Rival(np.array([0.5, 0.7, 0.9, 0.9]), variance=0.01)
    score, noise = rival.estimate(np.array([0.4, 0.5, np.nan, np.nan]))
    assert score == pytest.approx(0.75 - 0.15)
    pooled = (4 * 0.01 + 2 * 0.05**2) / 5
    assert noise == pytest.approx(pooled * (1 / 2 - 1 / 4))


@pytest.mark.parametrize("k", [1, 2, 4])
def test_a_candidate_as_good_as_the_best_is_rarely_stopped(k):
    rng = np.random.default_rng(0)
    rival = Rival(np.zeros(K), variance=1.0)
    folds = rng.standard_normal((2000, K))
    folds -= folds.mean(axis=1, keepdims=True)
    folds[:, rng.permutation(K)[k:]] = np.nan
    assert np.mean([rival.beats(one) for one in folds]) < 1.5 * LEVEL


def test_a_candidate_is_not_stopped_after_its_last_fold_or_a_failure():
    rival = Rival(np.zeros(K), variance=1.0)
    assert rival.beats(np.array([*[-100.0] * (K - 1), np.nan]))
    assert not rival.beats(np.full(K, -100.0))
    assert Race().is_lost(rival, [None, -100.0, *[None] * (K - 2)])
    assert not Race().is_lost(rival, [np.nan, -100.0, *[None] * (K - 2)])


def test_there_is_no_rival_before_differences_are_known():
    race = Race()
    for results in [[0.1, 0.2], *[[0.3, 0.1]] * 9, [0.0, np.nan], [0.4, None], [0.5, 0.0], [0.1, 0.1]]:
        race.add(results)
        assert race.rival() is None
    race.add([0.2, 0.5])
    assert race.rival().scores.tolist() == [0.2, 0.5]


def test_a_race_saves_fits_and_finds_as_much(tmp_path):
    log = tmp_path / "log"
    one = race(Noisy(log=str(log)))
    n_run = one.cv_results_["n_splits_run"]
    assert count(log) == n_run.sum() < 0.8 * 40 * K
    assert one.best_score_ == pytest.approx(search(FLAT, Noisy(), cv=K).fit(X, y).best_score_, abs=0.02)


# The result depends on nothing else


def test_a_race_is_the_same_for_any_number_of_workers(raced):
    with parallel_config(backend="threading"):
        for n_jobs, window in (2, 8), (7, 8):
            assert same(race(n_jobs=n_jobs, window=window, refit=True), raced)
        assert same(race(n_jobs=7, window=1), race(window=1))


def test_idle_workers_run_later_folds_in_advance(tmp_path):
    log = tmp_path / "log"
    with parallel_config(backend="threading"):
        one = race(Noisy(log=str(log), pause=0.002), n_jobs=7, window=1)
    assert one.cv_results_["n_splits_run"].sum() < count(log) <= 40 * K


def test_a_race_is_the_same_after_an_interruption(raced, tmp_path):
    path = tmp_path / "search.db"
    assert same(race(checkpoint=path), raced)
    assert [len(one["scores"]) for one in load_history(path)] == raced.cv_results_["n_splits_run"].tolist()
    path = tmp_path / "other.db"
    with pytest.raises(KeyboardInterrupt):
        race(checkpoint=path, callbacks=StopAt(25))
    with parallel_config(backend="threading"):
        assert same(race(checkpoint=path, n_jobs=4), raced)


def test_a_checkpoint_of_a_race_belongs_to_no_other_search(tmp_path):
    path = tmp_path / "search.db"
    race(checkpoint=path, n_iter=5)
    with pytest.raises(ValueError, match="racing: was True, is nothing"):
        search(FLAT, Noisy(), cv=K, checkpoint=path).fit(X, y)


def test_estimates_are_not_taken_for_scores_by_another_search(tmp_path):
    path = tmp_path / "search.db"
    race(checkpoint=path)
    one = search(FLAT, Noisy(), cv=K, initial=path).fit(X, y)
    assert np.isfinite(one.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("outcome", ["later", "first"])
def test_what_a_fold_does_in_advance_counts_only_when_it_is_its_turn(outcome):
    trial = Trial(Individual(3, 0, "", {}, (), "", None), [None] * 3, rival=Rival(np.zeros(3), 1.0))
    assert [task.index for task in trial.hand_out()] == [0]
    assert [task.index for task in trial.hand_out(in_advance=True)] == [1]
    if outcome == "later":
        assert list(trial.in_turn(1, "b")) == []
        assert [trial.finish(*turn) for turn in trial.in_turn(0, "a")] == [False, False]
        assert trial.results == ["a", "b", None]
        assert trial.hand_out() == [Task(trial, 2)]
    else:
        for turn in trial.in_turn(0, "a"):
            trial.finish(*turn)
            trial.stop()
        assert list(trial.in_turn(1, "b")) == []
        assert trial.results == ["a", None, None]


# What users see


def test_stopped_candidates_have_no_score_and_come_after_all_others(raced):
    results = raced.cv_results_
    stopped = results["n_splits_run"] < K
    assert 0 < stopped.sum() < 40
    assert np.isnan(results["mean_test_score"][stopped]).all()
    assert np.isfinite(results["mean_test_score"][~stopped]).all()
    splits = np.transpose([results[f"split{i}_test_score"] for i in range(K)])
    first = [[(number + k) % K for k in range(n)] for number, n in enumerate(results["n_splits_run"])]
    assert [np.flatnonzero(np.isfinite(row)).tolist() for row in splits] == [sorted(one) for one in first]
    assert results["rank_test_score"][stopped].min() > results["rank_test_score"][~stopped].max()
    assert np.isfinite(results["mean_fit_time"]).all()
    assert raced.best_index_ == results["rank_test_score"].argmin()


def test_the_history_has_estimates(raced):
    n_run = raced.cv_results_["n_splits_run"]
    for one, mean, n in zip(raced.history_, raced.cv_results_["mean_test_score"], n_run, strict=True):
        assert one.n_skipped == K - n
        if one.n_skipped:
            assert one.score < raced.best_score_
            assert one.noise > 0
        else:
            assert one.score == mean
            assert one.noise is None


def test_without_a_race_nothing_is_stopped():
    one = search(FLAT, Noisy(), cv=K).fit(X, y)
    assert "n_splits_run" not in one.cv_results_
    assert np.isfinite(one.cv_results_["mean_test_score"]).all()


@pytest.mark.slow
def test_everything_says_how_many_were_stopped(raced, tmp_path, capsys):
    n_stopped = (raced.cv_results_["n_splits_run"] < K).sum()
    said = f"{n_stopped} stopped early, which saved {40 * K - raced.cv_results_['n_splits_run'].sum()} fits"
    assert any(said in sentence for sentence in raced.advice_)
    path = tmp_path / "search.db"
    race(checkpoint=path, verbose=1)
    assert f"stopped={n_stopped} (" in capsys.readouterr().err
    np.testing.assert_array_equal(history_of(path).folds, history_of(raced).folds)
    for source in raced, path:
        write_report(source, tmp_path / "report.html")
        page = (tmp_path / "report.html").read_text()
        assert said in page
        assert "folds run" in page
        legend = plots.plot_progress(source).get_legend()
        assert "stopped early" in [text.get_text() for text in legend.get_texts()]
        assert plots.plot_folds(source).get_xticklabels()[0].get_text() == str(raced.best_index_)
        plt.close("all")


def test_optuna_takes_stopped_candidates_for_pruned_ones(raced):
    pytest.importorskip("optuna")
    states = [trial.state.name for trial in to_optuna(raced).trials]
    assert states == ["PRUNED" if n < K else "COMPLETE" for n in raced.cv_results_["n_splits_run"]]


def test_callbacks_see_estimates():
    seen = []

    class Watcher(Callback):
        def on_result(self, individual, best):
            seen.append((individual.n_skipped, best.n_skipped))

    race(callbacks=Watcher())
    skipped, of_best = np.transpose(seen)
    assert skipped.any()
    assert not of_best.any()


# What else a search may be asked for


@pytest.mark.parametrize("refit", [one_standard_error("a"), fastest_within(0.01)], ids=["simplest", "fastest"])
def test_rules_choose_a_complete_candidate(refit):
    one = race(refit=refit)
    assert one.cv_results_["n_splits_run"][one.best_index_] == K


def test_a_function_must_choose_a_complete_candidate():
    one = race(fit=False, refit=lambda results: int(results["n_splits_run"].argmin()))
    with pytest.raises(ValueError, match="`refit` must choose a candidate that ran on all folds; got"):
        one.fit(X, y)


def test_several_metrics_and_training_scores():
    one = race(scoring=OWN_AND_ERROR, refit="own", return_train_score=True)
    check_stopped_have_no_means(one, K)


def test_a_failing_candidate_runs_on_all_folds():
    with quietly():
        one = race(Noisy(fails_above=0.6))
    failed = np.isnan([one.score for one in one.history_])
    assert failed.any()
    assert (one.cv_results_["n_splits_run"][failed] == K).all()
    assert (one.cv_results_["n_splits_run"] < K).any()


@pytest.mark.parametrize("cv", [2, RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)], ids=["two", "repeated"])
def test_any_number_of_folds(cv):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = GeneticSearchCV(Noisy(), FLAT, n_iter=30, cv=cv, random_state=0, racing=True).fit(X, y)
    assert (one.cv_results_["n_splits_run"] < one.n_splits_).any()


def test_a_single_fold_is_no_race():
    one = GeneticSearchCV(Noisy(), FLAT, n_iter=15, cv=[(np.arange(9), np.arange(9, 18))], racing=True).fit(X, y)
    assert (one.cv_results_["n_splits_run"] == 1).all()
