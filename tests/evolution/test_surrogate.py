"""The Gaussian process against slow plain versions of the same formulas."""

import warnings

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import norm
from threadpoolctl import threadpool_info, threadpool_limits

from geneticsearch.evolution._gaussian_process import GaussianProcess, _Posterior, one_blas_thread
from geneticsearch.evolution._surrogate import (
    Surrogate,
    _compression,
    choose_training_set,
    compress_tail,
    interior_log_density,
    log_expected_improvement,
    log_learnable,
    upper_confidence_bound,
)

UNORDERED = np.array([False, True, False, True])


def make_points(n, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.random(n), rng.integers(0, 3, n), rng.random(n), rng.integers(-1, 2, n)]).astype(float)


def make_data(n=25, seed=0):
    points = make_points(n, seed)
    fitness = -((points[:, 0] - 0.3) ** 2) - 0.2 * (points[:, 1] == 1) + 0.05 * np.sin(9 * points[:, 2])
    return points, compress_tail(fitness)


def plain_kernel(a, b, weights, scale):
    """One pair at a time, from the definition."""
    covariance = np.empty((len(a), len(b)))
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            terms = [
                w * (p != q) if u else w * (p - q) ** 2 for w, p, q, u in zip(weights, x, y, UNORDERED, strict=True)
            ]
            r = np.sqrt(sum(terms))
            covariance[i, j] = scale * (1 + np.sqrt(5) * r + 5 * r * r / 3) * np.exp(-np.sqrt(5) * r)
    return covariance


def plain_negative_log_posterior(theta, points, targets, known_noise):
    weights, scale, noise = np.exp(theta[:-2]), np.exp(theta[-2]), np.exp(theta[-1])
    covariance = plain_kernel(points, points, weights, scale) + np.diag(noise + known_noise)
    value = 0.5 * targets @ np.linalg.solve(covariance, targets) + 0.5 * np.linalg.slogdet(covariance)[1]
    value += np.sum(0.1 / weights + 0.1 * weights) + scale - np.log(scale) + 30 * noise - 0.1 * np.log(noise)
    return value


def test_posterior_and_its_gradient_agree_with_the_plain_ones():
    points, targets = make_data()
    rng = np.random.default_rng(1)
    known_noise = rng.exponential(0.1, len(points))
    posterior = _Posterior(points, targets, UNORDERED, 30.0, known_noise)
    for _ in range(5):
        theta = np.concatenate([rng.normal(0, 1, 4), rng.normal(0, 0.5, 1), rng.normal(-4, 1, 1)])
        value, gradient = posterior(theta)
        assert value == pytest.approx(plain_negative_log_posterior(theta, points, targets, known_noise), rel=1e-9)
        assert posterior.value(theta) == value
        numeric = approx_fprime(theta, plain_negative_log_posterior, 1e-6, points, targets, known_noise)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-3, atol=2e-4)


def test_prediction_agrees_with_the_dense_formulas():
    points, targets = make_data()
    known_noise = np.random.default_rng(1).exponential(0.1, len(points))
    process = GaussianProcess(UNORDERED).fit(points, targets, known_noise).condition(points, targets, known_noise)
    new = make_points(40, seed=5)
    new[0, 1] = 7  # a token that was never seen
    mean, deviation = process.predict(new)
    covariance = plain_kernel(points, points, process.weights, process.scale) + np.diag(process.noise + known_noise)
    cross = plain_kernel(new, points, process.weights, process.scale)
    np.testing.assert_allclose(mean, cross @ np.linalg.solve(covariance, targets), atol=1e-7)
    variance = process.scale - np.sum(cross * np.linalg.solve(covariance, cross.T).T, axis=1)
    np.testing.assert_allclose(deviation, np.sqrt(variance), rtol=1e-5)
    np.testing.assert_allclose(process.fitted_means(), process.predict(points)[0], atol=1e-8)


def test_fit_improves_the_posterior_and_starts_from_the_last_one():
    points, targets = make_data(40)
    posterior = _Posterior(points, targets, UNORDERED, 30.0, 0.0)
    process = GaussianProcess(UNORDERED)
    values = []
    for _ in range(3):
        theta = np.concatenate([np.log(process.weights), [np.log(process.scale), np.log(process.noise)]])
        values.append(posterior(theta)[0])
        process.fit(points, targets, max_iterations=5)
    assert values[0] > values[1] >= values[2]


@pytest.mark.slow
def test_hyperparameters_are_drawn_from_their_posterior():
    points, unordered = np.linspace(0, 1, 6)[:, np.newaxis], np.array([False])
    targets = compress_tail(np.array([0.0, 0.4, 0.9, 1.0, 0.5, 0.3]))
    posterior = _Posterior(points, targets, unordered, 30.0, 0.0)
    axes = np.linspace(-7, 7, 43), np.linspace(-4, 4, 25), np.linspace(np.log(1e-6), np.log(0.5), 40)
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    density = np.exp(-np.array([posterior.value(theta) for theta in grid]))
    mean = density @ grid / density.sum()
    deviation = np.sqrt(density @ (grid - mean) ** 2 / density.sum())

    process, rng, chain = GaussianProcess(unordered), np.random.default_rng(0), []
    for _ in range(4000):
        process.sample(points, targets, rng, n_steps=4)
        chain.append(np.log([*process.weights, process.scale, process.noise]))
    np.testing.assert_allclose(np.mean(chain, axis=0), mean, atol=0.15 * deviation.max())
    np.testing.assert_allclose(np.std(chain, axis=0), deviation, rtol=0.15)


def test_fantasies_equal_results_that_are_the_predicted_means():
    points, targets = make_data()
    pending, new = make_points(6, seed=9), make_points(30, seed=3)
    noise = np.full(len(points), 0.3)
    process = GaussianProcess(UNORDERED).fit(points, targets, noise).condition(points, targets, noise, 0.2)
    means, deviations = process.predict(new)
    whole = GaussianProcess(UNORDERED)
    whole.weights, whole.scale, whole.noise = process.weights, process.scale, process.noise
    believed = np.concatenate([targets, process.predict(pending)[0]])
    whole.condition(np.vstack([points, pending]), believed, np.concatenate([noise, np.full(len(pending), 0.2)]))
    process.believe(pending[:2]).believe(pending[2:])
    for believed, plain in zip(process.predict(new), whole.predict(new), strict=True):
        np.testing.assert_allclose(believed, plain, atol=1e-6)
    np.testing.assert_allclose(process.fitted_means(), whole.fitted_means(), atol=1e-6)
    np.testing.assert_allclose(process.predict(new)[0], means, atol=1e-9)
    assert (process.predict(new)[1] <= deviations + 1e-9).all()


def test_the_tail_is_compressed_and_the_rest_is_linear():
    rng = np.random.default_rng(0)
    y = np.concatenate([rng.normal(0, 1, 50), [-50, -1000]])
    z = compress_tail(y)
    m, s = np.median(y), y.max() - np.median(y)
    plain = np.where(y >= m - s, y, m - s - s * np.log1p(np.maximum(m - s - y, 0) / s))
    np.testing.assert_allclose(z, (plain - plain.mean()) / plain.std(), atol=1e-9)
    assert np.all(np.diff(z[np.argsort(y)]) >= 0)


def test_compression_knows_by_how_much_targets_change_with_fitness():
    y = np.sort(np.concatenate([np.linspace(-1, 1, 2000), np.linspace(-30, -20, 1000)]))
    targets, slope = _compression(y)
    steps = np.flatnonzero(np.diff(y) < 0.1)  # not the step between the two
    np.testing.assert_allclose((np.diff(targets) / np.diff(y))[steps], slope[steps], rtol=0.01)
    assert slope.max() > 5 * slope.min()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.7])
@pytest.mark.parametrize("penalty", [1e3, 1e6, 1e10, 1e30, 1e300])
def test_bad_values_do_not_set_the_scale_however_bad_and_many(share, penalty):
    good = np.random.default_rng(0).normal(0, 1, 40)
    n_bad = round(40 * share / (1 - share))
    targets = compress_tail(np.concatenate([good, np.full(n_bad, -penalty)]))
    assert np.ptp(targets[:40]) > 0.05 * np.ptp(targets)
    np.testing.assert_allclose(targets, compress_tail(np.concatenate([good, np.full(n_bad, -1e5)])))
    np.testing.assert_array_equal(np.argsort(targets[:40]), np.argsort(good))


@pytest.mark.parametrize(
    "fitness",
    [
        [0.5] * 12,
        [np.nan] * 12,
        [0.5] + [np.nan] * 11,
        [0.5] * 11 + [0.4],
        [0.5] * 11 + [np.inf],
        [1e300, -1e300] * 6,
        [1e-300, 2e-300] * 6,
        [0.1 + 1e-17 * i for i in range(12)],
        [0.0] * 6 + [-np.inf] * 6,
        [1.7e308, -1.7e308] + [0.0] * 10,
    ],
)
@pytest.mark.parametrize("duplicated", [False, True])
def test_degenerate_results_give_finite_predictions_without_a_warning(fitness, duplicated):
    points = np.repeat(make_points(1), 12, axis=0) if duplicated else make_points(12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        targets = compress_tail(np.array(fitness))
        assert np.isfinite(targets).all()
        process = GaussianProcess(UNORDERED).fit(points, targets).condition(points, targets)
        process.believe(np.repeat(make_points(5, seed=2), 2, axis=0)).believe(points)
        mean, deviation = process.predict(np.vstack([points, make_points(20, seed=4)]))
        value = log_expected_improvement(mean, deviation, process.fitted_means().max())
    assert np.isfinite(mean).all()
    assert np.isfinite(value).all()
    assert (deviation > 0).all()


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("unordered", [[False], [True], [True, True]])
def test_one_gene_choices_alone_and_one_result_are_enough(n, unordered):
    points, targets = np.zeros((n, len(unordered))), compress_tail(np.arange(n, dtype=float))
    process = GaussianProcess(np.array(unordered)).fit(points, targets).condition(points, targets)
    mean, deviation = process.predict(np.ones((3, len(unordered))))
    assert np.isfinite(mean).all()
    assert (deviation > 0).all()


@pytest.mark.parametrize("t", [3.0, 0.5, -0.99, -1.01, -3.0, -6.0])
def test_log_expected_improvement_is_the_logarithm_of_the_integral(t):
    sd = 0.7
    integral = quad(lambda y: y * norm.pdf(y, t * sd, sd), 0, 12, epsabs=0, epsrel=1e-10, points=[0.01, 0.1, 1])[0]
    value = log_expected_improvement(np.array([2 + t * sd]), np.array([sd]), 2.0)
    assert value[0] == pytest.approx(np.log(integral), rel=1e-6)


def test_log_expected_improvement_is_smooth_and_increasing_far_below_the_incumbent():
    t = -np.logspace(6, -2, 2000)
    value = log_expected_improvement(t, np.ones_like(t), 0.0)
    assert np.isfinite(value).all()
    assert (np.diff(value) > 0).all()


def test_another_result_teaches_little_where_the_process_knows_more():
    share = np.exp(log_learnable(np.array([1e-4, 0.1, 1.0]), 0.04))
    np.testing.assert_allclose(share[1:], 1 - np.sqrt(0.04 / (0.04 + np.array([0.01, 1.0]))))
    assert 0 < share[0] < 1e-6
    assert (np.diff(share) > 0).all()


def test_ends_of_scales_are_believed_in_least_and_labels_not_at_all():
    points = np.array([[0.5, 0.0], [0.1, 0.5], [0.0, 1.0], [1.0, 0.3]])
    density = interior_log_density(points, np.array([False, True]))
    assert density[0] == 0
    assert (np.diff(density)[:2] < 0).all()
    assert density[2] == density[3] > -5


def test_upper_confidence_bound():
    np.testing.assert_array_equal(upper_confidence_bound(np.array([1.0]), np.array([0.5]), 2.0), [2.0])


def test_training_set_keeps_the_best_half_and_the_order():
    fitness = np.random.default_rng(0).permutation(100).astype(float)
    fitness[3] = np.nan
    chosen = choose_training_set(fitness, 20, np.random.default_rng(0))
    assert len(chosen) == 20
    assert (np.diff(chosen) > 0).all()
    assert set(np.argsort(-np.nan_to_num(fitness, nan=-1))[:10]) <= set(chosen)
    np.testing.assert_array_equal(choose_training_set(fitness[:5], 20, np.random.default_rng(0)), np.arange(5))


def test_surrogate_prefers_what_is_better_and_fits_again_only_after_growth(monkeypatch):
    points, _ = make_data(60)
    fitness = -((points[:, 0] - 0.3) ** 2)
    fitness[::7] = np.nan
    fits = []
    fit = GaussianProcess.fit
    monkeypatch.setattr(
        GaussianProcess,
        "fit",
        lambda self, points, *rest, **options: fits.append(len(points)) or fit(self, points, *rest),
    )
    surrogate, rng = Surrogate(UNORDERED), np.random.default_rng(0)
    for n in range(40, 61):
        surrogate.learn(points[:n], fitness[:n], points[:0], rng)
    assert fits == [40, 45, 50, 56]
    good, bad = points[1:2].copy(), points[1:2].copy()
    good[0, 0], bad[0, 0] = 0.3, 0.95
    for _ in range(10):
        value = surrogate.acquisition(rng)(np.vstack([good, bad]))
        assert value[0] > value[1]


@pytest.mark.parametrize("unit", [1.0, 1e-150, 1e150])
def test_noisy_results_count_less_in_any_unit(unit):
    points, _ = make_data(30)
    fitness = -((points[:, 0] - 0.3) ** 2)
    lucky = int(fitness.argmin())
    fitness[lucky] = 0.1
    noise = np.where(np.arange(30) == lucky, 0.5, 0.0)

    def goal(noise):
        rng = np.random.default_rng(0)
        surrogate = Surrogate(UNORDERED).learn(points, fitness * unit, points[:0], rng, noise)
        return surrogate._process.fitted_means()[lucky], surrogate.acquisition(rng)(points)

    trusted, certain = goal(None)
    doubted, doubtful = goal(noise * unit * unit)
    assert trusted > 1 > doubted
    assert certain.argmax() == lucky != doubtful.argmax()
    np.testing.assert_array_equal(goal(np.zeros(30))[1], certain)
    assert np.isfinite(goal(np.full(30, 1e300))[1]).all()


def test_surrogate_is_told_of_at_most_so_many_results_and_fantasies(monkeypatch):
    monkeypatch.setattr("geneticsearch.evolution._surrogate.MAX_RESULTS", 30)
    monkeypatch.setattr("geneticsearch.evolution._surrogate.MAX_FANTASIES", 10)
    points = make_points(100)
    rng = np.random.default_rng(0)
    surrogate = Surrogate(UNORDERED).learn(points[:60], points[:60, 0], points[60:], rng)
    assert len(surrogate._process.fitted_means()) == 30


def test_one_blas_thread_is_used_and_then_as_many_as_before():
    def blas_threads():
        return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]

    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with one_blas_thread():
            assert set(blas_threads()) <= {1}
        assert blas_threads() == before
