"""Ladders: who climbs, what users see of it, and that the result depends on nothing else."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from estimators import FLAT, OWN_AND_ERROR, Formula, StopAt, check_stopped_have_no_means, quietly, same
from joblib import parallel_config
from sklearn.model_selection import KFold

from geneticsearch import GeneticSearchCV, load_history, plots
from geneticsearch.evaluation import Ladder
from geneticsearch.evaluation._ladder import N_SCOUTS, Standing
from geneticsearch.evaluation._racing import Rival
from geneticsearch.report import write_report

K = 4
X = np.arange(400.0).reshape(200, 2)
y = np.arange(200) % 2
RUNGS, FULL = [17, 51], 150


class Learner(Formula):
    """Scores that rise with the number of rows, differ from fold to fold, and have some noise."""

    def __init__(self, a=0.0, b=2, misleads=False, fails_below=0, log=None, pause=0.0, n_steps=90, fails_above=1.0):
        super().__init__(a, b, fails_above=fails_above, log=log, pause=pause)
        self.misleads = misleads
        self.fails_below = fails_below
        self.n_steps = n_steps

    def fit(self, X, y=None, sample_weight=None):
        if len(X) < self.fails_below:
            raise ValueError(f"at least {self.fails_below} rows.")
        self.n_rows_ = len(X)
        return super().fit(X, y)

    def score(self, X, y=None):
        size = self.n_rows_ * self.n_steps / 90
        noise = 0.2 * np.sin(1e4 * self.a + np.sum(X[:5]) + size) / size**0.5
        if self.misleads and size < FULL:
            return float(np.sin(1e5 * self.a))
        return super().score(X, y) + noise - 1 / size


def climb(estimator=None, n_iter=40, min_resources=RUNGS[0], data=(X, y), **options):
    options = {"resource": "n_samples", "cv": K, "random_state": 0, "refit": False, "surrogate": None, **options}
    model = Learner() if estimator is None else estimator
    return GeneticSearchCV(model, FLAT, n_iter=n_iter, min_resources=min_resources, **options).fit(*data)


@pytest.fixture(scope="module")
def climbed():
    return climb()


# Who climbs


def standing(on_rung, **known):
    """Return what is known of as many candidates as there are scores on the one rung."""
    known = {"top": on_rung, "mean": on_rung, **known}
    return Standing(np.transpose([on_rung, known["top"], known["mean"]]), (0,), None)


def noisy(n, noise):
    """Return what is known of candidates whose scores on the rung say so much about the others."""
    on_rung = np.linspace(0, 1, n)
    return standing(on_rung, top=on_rung + noise * np.resize([1, -1], n))


def test_a_candidate_goes_on_unless_it_almost_surely_is_not_the_best():
    one = noisy(12, 0.05)
    assert not one.is_behind(0, 0.95)
    assert one.is_behind(0, 0.5)
    assert not one.is_behind(0, np.nan)
    assert not one.is_behind(1, 1.05)
    assert one.is_behind(1, 0.5)


def test_the_less_a_rung_says_the_more_go_on():
    scores = np.linspace(0, 1, 50)
    n_behind = [sum(noisy(12, noise).is_behind(0, score) for score in scores) for noise in (0.0, 0.05, 0.2, 5.0)]
    assert n_behind == sorted(n_behind, reverse=True)
    assert n_behind[0] == 49
    assert n_behind[-1] == 0


def test_before_enough_candidates_are_complete_only_the_best_on_the_fold_goes_on():
    few = standing(np.arange(10.0), mean=[0.0, *[np.nan] * 8, 9.0])
    assert not few.is_behind(0, -1)
    assert few.is_behind(1, 9)
    assert not few.is_behind(1, 9.1)


def test_a_lucky_first_candidate_does_not_stop_all_others_on_the_fold():
    for n, is_behind in (N_SCOUTS - 1, True), (N_SCOUTS, False):
        lucky = np.array([100.0, *[0.0] * n])
        assert standing(lucky, mean=[1.0, *[np.nan] * n]).is_behind(1, 0.1) == is_behind


def test_a_rung_decides_nothing_before_enough_scouts_are_known():
    assert not standing(np.arange(float(N_SCOUTS - 1))).is_behind(0, -1)
    assert standing(np.arange(float(N_SCOUTS))).is_behind(0, -1)


def test_nothing_is_stopped_before_a_complete_candidate_is_known():
    ladder = Ladder("n", [10, 90], 0, False)
    for results in [0.1, 0.2, None], [0.1, np.nan, 0.2]:
        ladder.add(results)
        assert ladder.rival() is None
    ladder.add([0.3, 0.4, 0.5])
    assert ladder.is_lost(ladder.rival(), [0.0, 0.0, None])
    assert not ladder.is_lost(ladder.rival(), [0.0, 0.5, None])


def test_the_first_candidates_go_on_if_they_are_better_than_all_before_them(climbed):
    results = climbed.cv_results_
    on_fold = results["split0_test_score"][:N_SCOUTS]
    is_record = on_fold == np.maximum.accumulate(on_fold)
    assert 1 < is_record.sum() < N_SCOUTS
    assert (results["n_splits_run"][:N_SCOUTS] == np.where(is_record, K, 1)).all()
    assert (results["n_resources"][: N_SCOUTS + 1] == FULL).all()


def test_the_estimate_is_on_a_line_through_complete_candidates():
    on_rung = np.array([0.0, 0.1, 0.2, 0.3, 0.4, -1e9])
    one = standing(on_rung, mean=on_rung + 0.5)
    score, noise = one.estimate(0, 0.05)
    assert score == pytest.approx(0.55)
    assert noise == pytest.approx(0)
    assert one.estimate(0, 3.0)[0] == pytest.approx(3.5)


def test_the_estimate_climbs_from_rung_to_rung():
    nan, known = np.nan, np.arange(1.0, 4)
    table = [[k, 2 * k, nan, nan] for k in known] + [[nan, k, k + 1, nan] for k in known]
    one = Standing(np.array([*table, [nan, nan, 5.0, 4.0]]), (0, 2), None)
    score, noise = one.estimate(0, 2.0)
    assert score == pytest.approx(4.0)
    assert noise is None
    assert one.estimate(2, 2.0)[0] == pytest.approx(1.0)


def test_bad_candidates_say_nothing_about_good_ones():
    on_rung = np.array([0.90, 0.91, 0.92, 0.93, 0.94, 0.1, 0.3, 0.5, 0.2, 0.4])
    mean = np.array([0.91, 0.92, 0.93, 0.94, 0.95, 0.7, 0.2, 0.6, 0.1, 0.3])
    score, noise = standing(on_rung, mean=mean).estimate(0, 0.925)
    assert score == pytest.approx(0.935)
    assert noise < 1e-9


def test_an_estimate_knows_how_wrong_it_is():
    rng = np.random.default_rng(0)
    mean = rng.uniform(0, 1, 200)
    one = standing(mean + rng.normal(0, 0.1, 200), mean=mean)
    assert 0.5 * 0.1**2 < one.estimate(0, 0.5)[1] < 2 * 0.1**2


def test_a_misleading_rung_is_left_out_from_then_on():
    ladder = Ladder("n", [10, 30, 90], 0, False)
    rng = np.random.default_rng(0)
    for score in rng.uniform(size=N_SCOUTS - 1):
        ladder.add([rng.uniform(), score, score, score])
    assert ladder.order(0, 4, None) == [0, 1, 2, 3]
    with pytest.warns(UserWarning, match=r"With n=10, the order of candidates says little about that with n=90 \(rank"):
        ladder.add([0.1, 0.2, 0.2, 0.2])
    assert ladder.order(0, 4, None) == [1, 2, 3]
    assert len(ladder.notes) == 1


def test_scores_that_are_all_the_same_on_a_rung_mislead():
    ladder = Ladder("n", [10, 90], 1, True)
    for number in range(N_SCOUTS - 1):
        ladder.add([1.0, number, number, -number])
    with pytest.warns(UserWarning, match=r"rank correlation 0\.00"):
        ladder.add([1.0, 99, 98, 97])
    assert ladder.order(5, 4, None) == [3, 1, 2]  # as in a race
    assert isinstance(ladder.rival(), Rival)


# The result depends on nothing else


@pytest.mark.parametrize("racing", [False, True], ids=["alone", "raced"])
def test_a_ladder_is_the_same_for_any_number_of_workers(racing):
    alone = climb(racing=racing)
    with parallel_config(backend="threading"):
        assert same(climb(Learner(pause=0.001), n_jobs=7, racing=racing), alone)
        assert same(climb(n_jobs=7, window=1, racing=racing), climb(window=1, racing=racing))


@pytest.mark.parametrize("racing", [False, True], ids=["alone", "raced"])
def test_a_ladder_is_the_same_after_an_interruption(racing, tmp_path):
    alone, path = climb(racing=racing), tmp_path / "search.db"
    with pytest.raises(KeyboardInterrupt):
        climb(racing=racing, checkpoint=path, callbacks=StopAt(25))
    with parallel_config(backend="threading"):
        assert same(climb(racing=racing, checkpoint=path, n_jobs=4), alone)
    assert same(climb(racing=racing, checkpoint=path, n_iter=60), climb(racing=racing, n_iter=60))
    n_run = alone.cv_results_["n_splits_run"].tolist()
    assert [len(one["scores"]) for one in load_history(path)][:40] == n_run


def test_a_misleading_dial_is_found_in_the_same_place_after_an_interruption(tmp_path):
    path = tmp_path / "search.db"
    with pytest.warns(UserWarning, match="says little"):
        alone = climb(Learner(misleads=True))
    with pytest.warns(UserWarning, match="says little"), pytest.raises(KeyboardInterrupt):
        climb(Learner(misleads=True), checkpoint=path, callbacks=StopAt(15))
    with pytest.warns(UserWarning, match="says little"), parallel_config(backend="threading"):
        assert same(climb(Learner(misleads=True), checkpoint=path, n_jobs=3), alone)


def test_a_checkpoint_of_a_ladder_belongs_to_no_other_search(tmp_path):
    path = tmp_path / "search.db"
    climb(checkpoint=path, n_iter=5)
    with pytest.raises(ValueError, match="min_resources: was 17, is 30"):
        climb(checkpoint=path, n_iter=5, min_resources=30)
    with pytest.raises(ValueError, match="resource: was 'n_samples', is nothing"):
        climb(checkpoint=path, n_iter=5, resource=None)


def test_another_search_takes_over_complete_candidates_alone(tmp_path):
    path = tmp_path / "search.db"
    climb(checkpoint=path)
    one = climb(resource=None, initial=path)
    assert np.isfinite(one.cv_results_["mean_test_score"]).all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # among scouts that are all good, a rung may seem to mislead
        other = climb(initial=path, random_state=1)
    assert (other.cv_results_["n_resources"] > 0).all()


# What users see


def test_columns_say_how_far_a_candidate_came(climbed):
    results = climbed.cv_results_
    n_run, reached = results["n_splits_run"], results["n_resources"]
    assert set(reached) == {*RUNGS, FULL}
    assert ((reached < FULL) == (n_run == 0)).all()
    assert {0, K} <= set(n_run) <= {0, 1, K}
    stopped = n_run < K
    assert (np.isnan(results["mean_test_score"]) == stopped).all()
    assert (np.isnan(results["mean_fit_time"]) == (n_run == 0)).all()
    assert (np.isfinite(results["split0_test_score"]) == (n_run > 0)).all()
    assert results["rank_test_score"][stopped].min() > results["rank_test_score"][~stopped].max()
    assert n_run[0] == K
    assert results["rank_test_score"][climbed.best_index_] == 1


def test_a_ladder_saves_fits_and_finds_as_much(climbed):
    full = climb(resource=None)
    assert "n_resources" not in full.cv_results_
    assert climbed.best_score_ == pytest.approx(full.best_score_, abs=0.03)
    assert climbed.cv_results_["n_splits_run"].sum() < 0.4 * 40 * K


def test_the_history_has_estimates(climbed):
    for one, mean in zip(climbed.history_, climbed.cv_results_["mean_test_score"], strict=True):
        assert np.isfinite(one.score)
        assert one.n_skipped or one.score == mean
        assert one.n_skipped or one.noise is None
    assert np.isfinite([one.noise for one in climbed.history_[N_SCOUTS:] if one.n_skipped]).all()


def test_estimates_are_near_the_scores_of_the_same_candidates(climbed):
    errors = []
    for one in climbed.history_[20:]:
        model = Learner(**one.params)
        scores = [model.fit(X[train]).score(X[test]) for train, test in KFold(K).split(X)]
        errors.append(abs(one.score - np.mean(scores)))
    assert 0 < np.median(errors) < 0.05


def test_the_advice_says_that_a_dial_misleads():
    with pytest.warns(UserWarning, match="says little"):
        one = climb(Learner(misleads=True))
    assert (one.cv_results_["n_resources"][20:] == FULL).all()
    assert sum("says little about that with n_samples=150" in sentence for sentence in one.advice_) == 2


@pytest.mark.slow
def test_everything_says_how_many_were_stopped(tmp_path):
    path = tmp_path / "search.db"
    one = climb(checkpoint=path)
    n_stopped = (one.cv_results_["n_splits_run"] < K).sum()
    for source in one, path:
        write_report(source, tmp_path / "report.html")
        assert f"{n_stopped} stopped early" in (tmp_path / "report.html").read_text()
        for plot in plots.plot_progress, plots.plot_folds, plots.plot_timeline:
            plot(source)
        plt.close("all")
    plots.plot_comparison({"one": climb(), "other": climb(resource=None)}, x="time")
    plt.close("all")


# What else a search may be asked for


def test_a_parameter_of_the_estimator_is_a_ladder_too():
    one = climb(resource="n_steps", min_resources="auto", racing=True)
    assert set(one.cv_results_["n_resources"]) == {10, 30, 90}
    assert "n_steps" not in one.cv_results_["params"][0]


def test_the_refit_has_all_rows_and_the_full_parameter():
    one = climb(refit=True)
    assert one.best_estimator_.n_rows_ == len(X)
    assert climb(refit=True, resource="n_steps", min_resources=10).best_estimator_.n_steps == 90


def test_a_rung_that_fails_decides_nothing():
    one = climb(Learner(fails_below=40))
    assert np.isfinite([individual.score for individual in one.history_]).all()
    assert set(one.cv_results_["n_resources"]) == {RUNGS[1], FULL}


def test_a_failing_candidate_is_no_estimate():
    with quietly():
        one = climb(Learner(fails_above=0.5), n_iter=30)
    failed = np.isnan([individual.score for individual in one.history_])
    assert 0 < failed.sum() < 30
    assert (one.cv_results_["n_splits_run"][failed] == K).all()
    assert (one.cv_results_["n_splits_run"] < K).any()


def test_a_search_without_a_complete_candidate_has_no_result():
    with pytest.raises(ValueError, match="fits failed"), quietly():
        climb(Learner().set_params(fails_above=0.0), n_iter=5)


def test_an_error_on_a_rung_ends_the_search_if_it_is_to_be_raised():
    with pytest.raises(ValueError, match="at least 40 rows"):
        climb(Learner(fails_below=40), error_score="raise")


def test_a_candidate_is_complete_when_time_is_up():
    with parallel_config(backend="threading"):
        one = climb(Learner(pause=0.002), n_jobs=7, max_time=1e-9)
    assert np.isfinite(one.best_score_)


def test_several_metrics_and_training_scores():
    one = climb(scoring=OWN_AND_ERROR, refit="own", return_train_score=True)
    check_stopped_have_no_means(one, K)


@pytest.mark.parametrize("cv", [2, [(np.arange(150), np.arange(150, 200))]], ids=["two", "one"])
def test_few_folds(cv):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = climb(cv=cv)
    assert (one.cv_results_["n_splits_run"] == 0).any()


def test_several_objectives_have_no_ladder():
    with pytest.raises(ValueError, match="`resource='n_samples'` is for a single score"):
        climb(scoring=OWN_AND_ERROR, objectives=["own", "error"])
