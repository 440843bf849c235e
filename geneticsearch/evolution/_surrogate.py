"""What the results so far say about candidates that have none: targets, training set, acquisition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, ndtr

from geneticsearch.evolution._gaussian_process import Floats, GaussianProcess
from geneticsearch.evolution._pareto import MARGIN, range_of_front

MAX_RESULTS = 250
"""Results and fantasies that predictions are made from; of more, the best and a random half of them."""

MAX_FANTASIES = 100

MAX_SURROGATE_GENES = 100

OUTLYING = 30.0
"""A value this many times as far from the best as all better values is out of all proportion."""

MIN_SHARE = 8
"""At least one in so many values is better than values that are out of all proportion."""

REFIT_SHARE = 0.1
"""Hyperparameters are fitted again when the results have grown by this share."""

MAX_ERROR = 1e3
"""A standard error of so many standard deviations of all results says that nothing is known."""

MIN_SPREAD = 0.1
"""Range of a front below which it counts as so large, in standard deviations of all results."""

N_DIRECTIONS = 24
"""Directions from the reference point in which the improvement of a front is looked at."""

STEPS = np.array([0.005, 0.015, 0.04, 0.08, 0.15, 0.3, 0.6])
"""How far beyond the front an improvement is weighed there, in units of the range of the front."""

INTERIOR_WEIGHT = 2.0
"""Results that the belief in the interior is worth: after n, its logarithm has the weight INTERIOR_WEIGHT / n."""


def compress_tail(fitness: Floats) -> Floats:
    """Standardize fitness, linearly for good values and logarithmically in the tail of bad values.

    With the median m and s = max - m, a value below m - s becomes m - s - s ln(1 + (m - s - y) / s). Ranks would throw
    away how good the good values are, and raw values would let a few bad ones decide the scale. Values 30 times as far
    from the best as all better values, such as penalties, count as 10 times as far, however bad they are: where they
    are many, they would set the scale otherwise. The result has mean 0 and standard deviation 1.

    Parameters
    ----------
    fitness : ndarray of shape (n,)
        Larger is better; a value that is not finite is a failure and counts as the worst finite value.

    Returns
    -------
    ndarray of shape (n,)
        Finite targets; all zero if the fitness says nothing (all values are equal, or none is finite).

    Examples
    --------
    >>> compress_tail(np.array([1.0, 2.0, 3.0, -np.inf]))
    array([-0.90453403,  0.30151134,  1.50755672, -0.90453403])
    >>> compress_tail(np.array([0.5, 0.5, np.nan]))
    array([0., 0., 0.])
    """
    return _compression(fitness)[0]


def _compression(fitness: Floats) -> tuple[Floats, Floats]:
    """Return compressed fitness, and by how much it changes with the fitness."""
    fitness = np.asarray(fitness, dtype=np.float64)
    finite = np.isfinite(fitness)
    if not finite.any():
        return np.zeros(fitness.shape), np.zeros(fitness.shape)
    worst, best = fitness[finite].min(), fitness[finite].max()
    gap = best / 2 - np.where(finite, fitness, worst) / 2  # halves, because the range of finite numbers may not be one
    gap[gap <= 1e-12 * abs(best)] = 0.0  # rounding errors
    if not gap.any():
        return np.zeros(fitness.shape), np.zeros(fitness.shape)
    half_unit = gap.max()
    gap /= half_unit
    gap = np.minimum(gap, _limit(gap))
    half_unit *= gap.max()
    gap /= gap.max()
    spread = median(gap.tolist())
    if spread <= 1e-9:  # more than half share the best value: the typical distance of the others takes over
        spread = median(gap[gap > 0].tolist())
    excess = np.maximum(gap - 2 * spread, 0.0)
    compressed = np.where(excess > 0, 2 * spread + spread * np.log1p(excess / spread), gap)
    deviation = compressed.std()
    target: Floats = (compressed.mean() - compressed) / deviation
    slope: Floats = spread / (spread + excess) / deviation / half_unit / 2
    return target, slope


def in_targets(fitness: Floats, noise: Floats) -> tuple[Floats, Floats, float]:
    """Return results as a Gaussian process wants them.

    Parameters
    ----------
    fitness : ndarray of shape (n,)
        Larger is better; a value that is not finite is a failure.
    noise : ndarray of shape (n,)
        Variance of the error of each fitness, as far as it is known; NaN elsewhere.

    Returns
    -------
    targets, known_noise : ndarray of shape (n,)
        Compressed fitness, and the variance of the error of each target, 0 where it is not known.
    slope : float
        By how much targets near the best change with the fitness; 0 if the fitness says nothing.

    Examples
    --------
    >>> targets, known_noise, slope = in_targets(np.array([10.0, 20.0, 30.0]), np.array([np.nan, 1.0, 100.0]))
    >>> known_noise.round(3), round(slope, 3)
    (array([0.   , 0.015, 1.5  ]), 0.122)
    """
    targets, slope = _compression(fitness)
    return targets, np.minimum(slope * np.sqrt(np.nan_to_num(noise)), MAX_ERROR) ** 2, float(slope.max(initial=0.0))


def _limit(gap: Floats) -> float:
    """Return the distance from the best value that penalties and the like count as; inf if there are none."""
    ranked = np.sort(gap)
    jumps = np.flatnonzero((ranked[1:] > OUTLYING * ranked[:-1]) & (ranked[:-1] > 0))
    jumps = jumps[jumps >= len(gap) // MIN_SHARE]
    return float(10 * ranked[jumps[0]]) if len(jumps) else np.inf


def choose_training_set(fitness: Floats, limit: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Choose the best half and a random half, in the order of the archive, if there are more than `limit` results.

    Parameters
    ----------
    fitness : ndarray of shape (n,)
        Larger is better; NaN counts as worst.
    limit : int
        Largest number of results to keep.
    rng : numpy.random.Generator
        Source of chance; advanced only if results are left out.

    Returns
    -------
    ndarray of shape (min(n, limit),)
        Increasing indices.
    """
    n = len(fitness)
    if n <= limit:
        return np.arange(n)
    order = np.argsort(-np.asarray(fitness, dtype=np.float64), kind="stable")  # NaN sorts last
    n_best = limit // 2
    rest = rng.choice(order[n_best:], size=limit - n_best, replace=False)
    return np.sort(np.concatenate([order[:n_best], rest]))


def log_expected_improvement(mean: Floats, deviation: Floats, incumbent: float) -> Floats:
    """Compute the logarithm of the expected improvement, exact far below the incumbent as well.

    Parameters
    ----------
    mean, deviation : ndarray of shape (m,)
        Prediction; larger is better, deviations are positive.
    incumbent : float
        The value to improve on.

    Returns
    -------
    ndarray of shape (m,)

    References
    ----------
    Jones, Schonlau & Welch (1998), doi:10.1023/A:1008306431147; Ament et al. (2023), arXiv:2310.20708.

    Examples
    --------
    >>> log_expected_improvement(np.array([0.0, -10.0]), np.array([1.0, 1.0]), 0.0).round(3)
    array([ -0.919, -55.553])
    """
    t = np.asarray((mean - incumbent) / deviation, dtype=np.float64)
    near = np.maximum(t, -1.0)
    log_near = np.log(np.exp(-0.5 * near * near) / np.sqrt(2 * np.pi) + near * ndtr(near))
    # phi(t) + t Phi(t) = phi(t) (1 - |t| R(|t|)) with Mills' ratio R(x) = sqrt(pi / 2) erfcx(x / sqrt 2);
    # the last factor tends to 1 / t^2.
    far = np.maximum(-t, 1.0)
    mills = np.sqrt(np.pi / 2) * erfcx(np.minimum(far, 1e4) / np.sqrt(2))
    remainder = np.where(far > 1e3, 1.0 / (far * far), 1.0 - np.minimum(far, 1e4) * mills)
    log_far = -0.5 * far * far - 0.5 * np.log(2 * np.pi) + np.log(np.maximum(remainder, 1e-300))
    value: Floats = np.log(deviation) + np.where(t > -1.0, log_near, log_far)
    return value


def upper_confidence_bound(mean: Floats, deviation: Floats, beta: float) -> Floats:
    """Compute mean + beta * deviation, the optimist's value (Srinivas et al. 2010, arXiv:0912.3995)."""
    return mean + beta * deviation


def log_learnable(deviation: Floats, noise: float) -> Floats:
    """Compute the logarithm of the share of a deviation that one more noisy result would remove.

    Where the process knows more than a result would say, another result is a repetition. Without this factor, a search
    of noisy scores spends most of its candidates within a hundredth of the range of a lucky one.

    Parameters
    ----------
    deviation : ndarray of shape (m,)
        Predicted standard deviations of the noise-free values, positive.
    noise : float
        Variance of one observation.

    Returns
    -------
    ndarray of shape (m,)
        At most 0, which stands for no noise.

    References
    ----------
    The factor of augmented expected improvement, 1 - sqrt(noise / (noise + deviation^2)): Huang et al. (2006),
    doi:10.1007/s10898-005-2454-3.

    Examples
    --------
    >>> log_learnable(np.array([0.1, 1.0, 10.0]), 1.0).round(2)
    array([-5.31, -1.23, -0.1 ])
    """
    share = noise / (noise + deviation * deviation)
    log_share: Floats = np.log1p(-share) - np.log1p(np.sqrt(share))  # 1 - r = (1 - r^2) / (1 + r)
    return log_share


def interior_log_density(points: Floats, unordered: NDArray[np.bool_]) -> Floats:
    """Compute the logarithm of a belief that good values lie inside their range rather than at its ends.

    A process is least sure at the ends, which have neighbors on one side only, so an optimist is drawn to them. Users
    choose ranges that contain the good values. Up to a constant, the belief is a Beta(2, 2) distribution of each
    ordered gene; the outer half percent counts as one value, since optima lie there, too.

    Parameters
    ----------
    points : ndarray of shape (m, n_genes)
        Phenotypes.
    unordered : ndarray of bool, shape (n_genes,)
        Genes whose values are tokens, to which no belief applies; nor does it to sets, which follow the genes.

    Returns
    -------
    ndarray of shape (m,)
        At most 0, which stands for the middle of all ranges.

    Examples
    --------
    >>> points = np.array([[0.5, 0.0], [0.25, 0.5], [1.0, 0.5]])
    >>> interior_log_density(points, np.array([False, True])).round(2)
    array([ 0.  , -0.29, -3.91])
    """
    scale = points[:, : len(unordered)][:, ~unordered]
    density: Floats = np.log(np.maximum(4.0 * scale * (1.0 - scale), 0.02).prod(axis=1))
    return density


class Surrogate:
    """What the results so far say about candidates that have none.

    Parameters
    ----------
    unordered : ndarray of bool, shape (n_genes,)
        Genes whose values are tokens, compared for equality only.
    sets : sequence of slice, default=()
        Columns of phenotypes that are one input: see `GaussianProcess`.
    """

    def __init__(self, unordered: NDArray[np.bool_], sets: Sequence[slice] = ()) -> None:
        self._unordered = unordered
        self._process = GaussianProcess(unordered, sets)
        self._n_fitted = 0
        self._n_results = 0

    def learn(
        self, points: Floats, fitness: Floats, pending: Floats, rng: np.random.Generator, noise: Floats | None = None
    ) -> Surrogate:
        """Take these results as all there is to know.

        Parameters
        ----------
        points : ndarray of shape (n, n_genes)
            Phenotypes of all individuals with results, in the order of the archive.
        fitness : ndarray of shape (n,)
            Larger is better; NaN is a failure.
        pending : ndarray of shape (m, n_genes)
            Phenotypes of those under way.
        rng : numpy.random.Generator
            Source of chance; advanced by this call.
        noise : ndarray of shape (n,) or None, default=None
            Variance of the error of each fitness, as far as it is known; NaN elsewhere. Results to come are expected to
            be as certain as the most certain result above average.

        Returns
        -------
        Surrogate
            Itself.
        """
        targets, known_noise, _ = in_targets(fitness, np.full(len(fitness), np.nan) if noise is None else noise)
        expected_noise = float(known_noise[targets >= 0].min())
        pending = pending[-MAX_FANTASIES:]
        chosen = choose_training_set(fitness, MAX_RESULTS - len(pending), rng)
        self._n_results = n = len(fitness)
        if n - self._n_fitted >= max(1, REFIT_SHARE * n):
            max_iterations = 30 if self._n_fitted else 40
            self._process.fit(points[chosen], targets[chosen], known_noise[chosen], max_iterations=max_iterations)
            self._n_fitted = n
        self._process.sample(points[chosen], targets[chosen], rng, known_noise[chosen])
        self._process.condition(points[chosen], targets[chosen], known_noise[chosen], expected_noise)
        if len(pending):
            self._process.believe(pending)
        return self

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Return means and standard deviations of the targets at phenotypes."""
        return self._process.predict(points)

    def outlook(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Return means, standard deviations, and the logarithm of what these count."""
        mean, deviation = self._process.predict(points)
        log_worth = log_learnable(deviation, self._process.noise_to_come)
        log_worth += INTERIOR_WEIGHT / self._n_results * interior_log_density(points, self._unordered)
        return mean, deviation, log_worth

    def acquisition(self, rng: np.random.Generator) -> Callable[[Floats], Floats]:
        """Draw a goal for the next individual: a likely improvement, or what an optimist would expect.

        Either counts less where a result would be a repetition, and at the ends of ranges while results are few.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of chance; advanced by this call.

        Returns
        -------
        callable
            Takes phenotypes of shape (m, n_genes) and returns m numbers, larger for better candidates.

        References
        ----------
        Hvarfner et al. (2022), "piBO: Augmenting Acquisition Functions with User Beliefs", arXiv:2204.11051.
        """
        process = self._process
        is_likely = rng.random() < 0.5
        incumbent = float(process.fitted_means().max()) if is_likely else np.nan
        beta = np.nan if is_likely else 0.3 + 1.5 * abs(rng.standard_normal())

        def promise(points: Floats) -> Floats:
            mean, deviation, log_worth = self.outlook(points)
            if is_likely:
                return log_expected_improvement(mean, deviation, incumbent) + log_worth
            return upper_confidence_bound(mean, deviation * np.exp(log_worth), beta)

        return promise


class Surrogates:
    """What the results so far say by several objectives: a surrogate of its own for each.

    Parameters
    ----------
    surrogates : list of Surrogate
        One for each objective.
    """

    def __init__(self, surrogates: list[Surrogate]) -> None:
        self._surrogates = surrogates

    def learn(self, points: Floats, fitness: Floats, pending: Floats, rng: np.random.Generator, noise: Floats) -> None:
        """Take these results, of shape (n, n_objectives), as all there is to know."""
        for surrogate, values in zip(self._surrogates, fitness.T, strict=True):
            surrogate.learn(points, values, pending, rng, noise)
        self._points = points[~np.isnan(fitness[:, 0])]

    def acquisition(self, rng: np.random.Generator) -> Callable[[Floats], Floats]:
        """Draw a goal for the next individual: more hypervolume, or what an optimist would expect in one direction.

        The hypervolume is the mean, over directions from its reference point, of a power of how far the front is. So
        its expected improvement is an integral, for each direction, of the chances to get farther. The optimist looks
        in one direction, which is a Chebyshev scalarization. Each was better on some problems, so each has half of the
        individuals.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of chance; advanced by this call.

        Returns
        -------
        callable
            Takes phenotypes of shape (m, n_genes) and returns m numbers, larger for better candidates.

        References
        ----------
        Zhang & Golovin (2020), "Random Hypervolume Scalarizations for Provable Multi-Objective Black Box Optimization",
        arXiv:2006.04655; Knowles (2006), "ParEGO", doi:10.1109/TEVC.2005.851274.
        """
        means = np.column_stack([one.predict(self._points)[0] for one in self._surrogates])
        n_objectives = means.shape[1]
        worst, spread = range_of_front(means)
        spread = np.maximum(spread, MIN_SPREAD)
        front = (means - worst) / spread + MARGIN
        is_likely = rng.random() < 0.5
        directions = np.abs(rng.standard_normal((N_DIRECTIONS if is_likely else 1, n_objectives)))
        directions = np.maximum(directions / np.linalg.norm(directions, axis=1, keepdims=True), 1e-3)
        reached = (front[:, np.newaxis] / directions).min(axis=2).max(axis=0)
        levels = np.maximum(reached, 0.0)[:, np.newaxis] + STEPS
        goals = levels[:, :, np.newaxis] * directions[:, np.newaxis]  # directions, steps, objectives
        weights = levels ** (n_objectives - 1) * np.gradient(STEPS)
        beta = 0.3 + 1.5 * abs(rng.standard_normal())

        def promise(points: Floats) -> Floats:
            outlooks = [surrogate.outlook(points) for surrogate in self._surrogates]
            means, deviations, log_worths = (np.column_stack(parts) for parts in zip(*outlooks, strict=True))
            means, deviations = (means - worst) / spread + MARGIN, deviations / spread
            if not is_likely:
                optimistic = upper_confidence_bound(means, deviations * np.exp(log_worths), beta)
                scalarized: Floats = (optimistic / directions).min(axis=1)
                return scalarized
            gaps = means[:, np.newaxis, np.newaxis] - goals
            chances = ndtr(gaps / deviations[:, np.newaxis, np.newaxis]).prod(axis=3)
            gain = (chances * weights).sum(axis=(1, 2))
            log_gain: Floats = np.log(np.maximum(gain, 1e-300)) + log_worths.mean(axis=1)
            return log_gain

        return promise
