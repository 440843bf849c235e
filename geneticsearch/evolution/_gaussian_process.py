"""A Gaussian process that weighs every gene by itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dtrmm
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs, dtrtri
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from threadpoolctl import ThreadpoolController

Floats = NDArray[np.float64]

LOG_WEIGHT_BOUNDS = (-7.0, 7.0)

LOG_SCALE_BOUNDS = (-4.0, 4.0)

LOG_NOISE_BOUNDS = (float(np.log(1e-6)), float(np.log(0.5)))

N_STEPS = 8
"""Steps of their Markov chain before each use."""

STEP = 0.8
"""Standard deviation of a step."""


def matern52(squared_distances: Floats, scale: float) -> Floats:
    """Evaluate k = s (1 + a + a^2 / 3) exp(-a) with a = sqrt(5) r (Rasmussen & Williams 2006, eq. 4.17)."""
    a = np.sqrt(5.0 * squared_distances)
    covariance: Floats = scale * (1.0 + a + a * a / 3.0) * np.exp(-a)
    return covariance


def share_apart(one: Floats, other: Floats) -> Floats:
    """Return how far sets are apart: the share of the items of either that only one has, Jaccard's distance.

    As the square of a Euclidean distance it makes a covariance: Gower and Legendre (1986), doi:10.1007/BF01896809.

    Parameters
    ----------
    one, other : ndarray of shape (n, n_items) and (m, n_items)
        Members are 1, others 0; where all are 1/2, it is unknown.

    Returns
    -------
    ndarray of shape (n, m)

    Examples
    --------
    >>> share_apart(np.array([[1.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 1.0]])).round(2)
    array([[0.67]])
    """
    one, other = one.astype(np.float32), other.astype(np.float32)  # which hold these numbers exactly
    shared = one @ other.T
    either = (one * one).sum(axis=1)[:, np.newaxis] + (other * other).sum(axis=1) - shared
    return 1 - np.where(either > 0, shared / np.maximum(either, 0.5), 1.0).astype(np.float64)  # two empty sets are one


class GaussianProcess:
    """Gaussian process with a zero mean and a Matern-5/2 kernel that weighs every gene by itself.

    The squared distance is ``sum_j w_j (x_j - x'_j)^2`` over ordered genes plus ``sum_j w_j [x_j != x'_j]`` over
    unordered ones, plus ``w_j`` times Jaccard's distance for each set. Weights, scale and noise
    are those that maximize the marginal likelihood times a prior, or are drawn from that posterior.

    Parameters
    ----------
    unordered : ndarray of bool, shape (n_genes,)
        Genes whose values are tokens, compared for equality only.
    sets : sequence of slice, default=()
        Further columns of the points, each slice of which is one input: whether items are members.
    noise_rate : float, default=30.0
        Strength of the prior against noise: about the inverse of the noise variance to expect.

    Attributes
    ----------
    weights : ndarray of shape (n_genes + n_sets,)
        Inverse squared length scales.
    scale, noise : float
        Variance of the function and of one observation around it, for standardized targets; of an observation whose
        noise is known, what is left to explain.

    References
    ----------
    Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning*, chapters 2, 4 and 5.
    """

    def __init__(self, unordered: NDArray[np.bool_], sets: Sequence[slice] = (), *, noise_rate: float = 30.0) -> None:
        self._unordered = np.asarray(unordered, dtype=bool)
        self._sets = sets
        self._noise_rate = noise_rate
        self.weights: Floats = np.ones(len(self._unordered) + len(sets))
        self.scale = 1.0
        self.noise = 1e-2
        self._targets: Floats = np.empty(0)
        self._tokens: list[Floats] = []
        self._features: Floats = np.empty((0, 0))
        self._inverse_factor: Floats = np.empty((0, 0))
        self._alpha: Floats = np.empty(0)

    # ------------------------------------------------------------------------------------------ hyperparameters
    def fit(
        self, points: Floats, targets: Floats, known_noise: Floats | float = 0.0, *, max_iterations: int = 30
    ) -> GaussianProcess:
        """Find the hyperparameters of largest posterior density.

        `condition` then says which results to predict from, which may be more than those fitted here.

        Parameters
        ----------
        points : ndarray of shape (n, n_genes)
            Phenotypes.
        targets : ndarray of shape (n,)
            Standardized, finite.
        known_noise : float or ndarray of shape (n,), default=0
            Variance of the error of each target that is known, on top of `noise`.
        max_iterations : int, default=30
            Most iterations of L-BFGS-B.

        Returns
        -------
        GaussianProcess
            Itself.
        """
        found = minimize(
            _Posterior(points, targets, self._unordered, self._noise_rate, known_noise, self._sets),
            self._hyperparameters,
            jac=True,
            method="L-BFGS-B",
            bounds=self._bounds,
            options={"maxiter": max_iterations, "ftol": 1e-6},
        )
        if np.isfinite(found.fun):
            self._hyperparameters = found.x
        return self

    def sample(
        self,
        points: Floats,
        targets: Floats,
        rng: np.random.Generator,
        known_noise: Floats | float = 0.0,
        *,
        n_steps: int = N_STEPS,
    ) -> GaussianProcess:
        """Walk from the present hyperparameters along a Markov chain that tends to their posterior.

        A few results fit many hyperparameters almost equally well, and the best hyperparameters are overconfident:
        others find candidates worth a look that the best ones rule out.

        Parameters
        ----------
        points : ndarray of shape (n, n_genes)
            Phenotypes.
        targets : ndarray of shape (n,)
            Standardized, finite.
        rng : numpy.random.Generator
            Source of chance; advanced by this call.
        known_noise : float or ndarray of shape (n,), default=0
            Variance of the error of each target that is known, on top of `noise`.
        n_steps : int, default=8
            Steps, each of which moves about a third of the logarithms, or none.

        Returns
        -------
        GaussianProcess
            Itself.

        References
        ----------
        Metropolis et al. (1953), doi:10.1063/1.1699114. Snoek, Larochelle & Adams (2012), arXiv:1206.2944, section 3.2,
        on why not to take the best hyperparameters.
        """
        posterior = _Posterior(points, targets, self._unordered, self._noise_rate, known_noise, self._sets)
        low, high = np.transpose(self._bounds)
        theta = self._hyperparameters
        value = posterior.value(theta)
        for _ in range(n_steps):
            moved = rng.random(len(theta)) < 1 / 3
            proposal = theta + moved * rng.normal(0, STEP, len(theta))
            threshold = value - np.log(rng.random())
            if ((low <= proposal) & (proposal <= high)).all():
                proposed = posterior.value(proposal)
                if proposed < threshold:
                    theta, value = proposal, proposed
        self._hyperparameters = theta
        return self

    @property
    def _hyperparameters(self) -> Floats:
        """Logarithms of weights, scale and noise."""
        return np.log([*self.weights, self.scale, self.noise])

    @_hyperparameters.setter
    def _hyperparameters(self, theta: Floats) -> None:
        self.weights, self.scale, self.noise = _from_logarithms(theta)

    @property
    def _bounds(self) -> list[tuple[float, float]]:
        return [LOG_WEIGHT_BOUNDS] * len(self.weights) + [LOG_SCALE_BOUNDS, LOG_NOISE_BOUNDS]

    # ----------------------------------------------------------------------------------------------- conditioning
    def condition(
        self, points: Floats, targets: Floats, known_noise: Floats | float = 0.0, expected_noise: float = 0.0
    ) -> GaussianProcess:
        """Predict from these results from now on, with the hyperparameters as they are.

        Parameters
        ----------
        points : ndarray of shape (n, n_genes)
            Phenotypes.
        targets : ndarray of shape (n,)
            Standardized, finite.
        known_noise : float or ndarray of shape (n,), default=0
            Variance of the error of each target that is known, on top of `noise`.
        expected_noise : float, default=0
            The same for results to come.

        Returns
        -------
        GaussianProcess
            Itself.
        """
        self._tokens = [np.unique(points[:, j]) for j in np.flatnonzero(self._unordered)]
        self._features = self._embed(points)
        covariance = self._covariance(self._features, self._features)
        self._known_noise, self._expected_noise = np.broadcast_to(known_noise, len(points)), expected_noise
        self._inverse_factor = self._invert_factor(covariance, self._known_noise)
        self._targets = np.asarray(targets, dtype=np.float64)
        self._alpha = (self._inverse_factor @ self._targets) @ self._inverse_factor  # K^-1 z = M'(M z)
        return self

    def believe(self, points: Floats) -> GaussianProcess:
        """Add fantasies: results equal to the predicted means (kriging believer, Ginsbourger et al. 2010).

        They change no mean, since their alpha is 0, but they leave less to be learnt around them. The inverse Cholesky
        factor grows by a block of rows, in O(n^2) for each.

        Parameters
        ----------
        points : ndarray of shape (m, n_genes)
            Phenotypes of candidates that have no result yet.

        Returns
        -------
        GaussianProcess
            Itself.
        """
        n, m = len(self._targets), len(points)
        features = self._embed(points)
        cross = self._covariance(features, self._features)
        # With K = L L' and M = L^-1: the new rows of L are [C, F], C = K** M' and F F' = K** + noise I - C C'; those of
        # M are [-F^-1 C M, F^-1].
        rows = cross @ self._inverse_factor.T
        covariance = self._covariance(features, features) - rows @ rows.T
        inverse_factor = np.zeros((n + m, n + m))
        inverse_factor[:n, :n] = self._inverse_factor
        inverse_factor[n:, n:] = corner = self._invert_factor(covariance, self._expected_noise)
        inverse_factor[n:, :n] = -corner @ rows @ self._inverse_factor
        self._inverse_factor = inverse_factor
        self._targets = np.concatenate([self._targets, cross @ self._alpha])
        self._alpha = np.concatenate([self._alpha, np.zeros(m)])
        self._known_noise = np.concatenate([self._known_noise, np.full(m, self._expected_noise)])
        self._features = np.vstack([self._features, features])
        return self

    # -------------------------------------------------------------------------------------------------- prediction
    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Predict mean and standard deviation of the noise-free targets (Rasmussen & Williams 2006, eq. 2.25-2.26).

        Parameters
        ----------
        points : ndarray of shape (m, n_genes)
            Phenotypes.

        Returns
        -------
        mean, deviation : ndarray of shape (m,)
        """
        covariance = self._covariance(self._embed(points), self._features)
        mean = covariance @ self._alpha
        # M k, with half the work of a full product, for M is triangular.
        explained = dtrmm(1.0, self._inverse_factor.T, covariance.T, lower=0, trans_a=1, overwrite_b=1)
        variance = self.scale - np.einsum("ij,ij->j", explained, explained)
        return mean, np.sqrt(np.maximum(variance, 1e-12 * self.scale))

    @property
    def noise_to_come(self) -> float:
        """Variance of one more observation."""
        return self.noise + self._expected_noise

    def fitted_means(self) -> Floats:
        """Return the posterior means at the results conditioned on: K alpha = z - noise alpha."""
        means: Floats = self._targets - (self.noise + self._known_noise) * self._alpha
        return means

    # ----------------------------------------------------------------------------------------------------- helpers
    def _embed(self, points: Floats) -> Floats:
        """Place phenotypes where squared Euclidean distance is r^2: choices are one-hot, scaled by sqrt(w / 2).

        Sets come last, as they are.
        """
        n_genes = len(self._unordered)
        root, members, points = np.sqrt(self.weights[:n_genes]), points[:, n_genes:], points[:, :n_genes]
        blocks = [points[:, ~self._unordered] * root[~self._unordered]]
        for j, tokens in zip(np.flatnonzero(self._unordered), self._tokens, strict=True):
            equal = (points[:, j, np.newaxis] == tokens) * (root[j] / np.sqrt(2.0))
            # A token that no result has is at the usual distance from all tokens.
            unseen = np.where(equal.any(axis=1), 0.0, root[j] / np.sqrt(2.0))
            blocks += [equal, unseen[:, np.newaxis]]
        return np.hstack([*blocks, members])

    def _covariance(self, one: Floats, other: Floats) -> Floats:
        """Return the covariances of features."""
        n_features = one.shape[1] - sum(columns.stop - columns.start for columns in self._sets)
        squared: Floats = cdist(one[:, :n_features], other[:, :n_features], "sqeuclidean")
        shift = n_features - len(self._unordered)
        for weight, columns in zip(self.weights[len(self._unordered) :], self._sets, strict=True):
            here = slice(columns.start + shift, columns.stop + shift)
            squared += weight * share_apart(one[:, here], other[:, here])
        return matern52(squared, self.scale)

    def _invert_factor(self, covariance: Floats, known_noise: Floats | float) -> Floats:
        """Return M = L^-1 of covariance + all noise = L L', with more noise if it is numerically singular."""
        while True:
            noisy = covariance + (self.noise + known_noise) * np.eye(len(covariance))
            factor, info = dpotrf(noisy, lower=1, clean=1)
            if info == 0:
                inverse: Floats = dtrtri(factor, lower=1)[0]
                return inverse
            self.noise *= 10.0


def _from_logarithms(theta: Floats) -> tuple[Floats, float, float]:
    """Return weights, scale and noise."""
    values = np.exp(theta)
    return values[:-2], float(values[-2]), float(values[-1])


class _Posterior:
    """Negative log posterior of (log weights, log scale, log noise) and its gradient."""

    def __init__(
        self,
        points: Floats,
        targets: Floats,
        unordered: NDArray[np.bool_],
        noise_rate: float,
        known_noise: Floats | float,
        sets: Sequence[slice] = (),
    ) -> None:
        self._noise_rate, self._known_noise = noise_rate, known_noise
        n = len(points)
        self._targets = np.asarray(targets, dtype=np.float64)
        row, column = np.tril_indices(n, -1)
        self._row, self._column = row, column
        genes = points[:, : len(unordered)]
        differences = genes.take(row, axis=0) - genes.take(column, axis=0)  # many times as fast as brackets
        # One row per pair, one column per weight: every product below is a matrix times a vector.
        squared = np.where(unordered, differences != 0, differences * differences)
        apart = [share_apart(points[:, here], points[:, here])[row, column] for here in sets]
        self._squared = np.column_stack([squared, *apart])
        self._flat = column * n + row  # the lower triangle in Fortran order, as LAPACK wants it

    def value(self, theta: Floats) -> float:
        """Return the negative log posterior alone."""
        return self._evaluate(theta)[0]

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        value, a, decay, factor, alpha = self._evaluate(theta)
        if not np.isfinite(value):
            return 1e25, np.zeros_like(theta)  # the line search steps back
        weights, scale, noise = _from_logarithms(theta)
        inverse = dpotri(factor, lower=1, overwrite_c=1)[0]
        # Rasmussen & Williams (2006), eq. 5.9; `outer` is alpha alpha' - K^-1.
        outer = alpha[self._row] * alpha[self._column] - inverse.ravel(order="F")[self._flat]
        outer_trace = alpha @ alpha - np.trace(inverse)
        gradient = np.empty_like(theta)
        slope = (-5.0 / 6.0) * (1.0 + a) * decay  # dk / d(r^2); each pair stands for two entries
        gradient[:-2] = -((outer * slope) @ self._squared) * weights + 0.1 * weights - 0.1 / weights
        k = (1.0 + a + a * a / 3.0) * decay
        gradient[-2] = -(outer @ k) - 0.5 * scale * outer_trace + scale - 1.0
        gradient[-1] = -0.5 * noise * outer_trace + self._noise_rate * noise - 0.1
        return value, gradient

    def _evaluate(self, theta: Floats) -> tuple[float, Floats, Floats, Floats, Floats]:
        """Return the value, and what the gradient needs; the value is inf where K is numerically singular."""
        n, z = len(self._targets), self._targets
        weights, scale, noise = _from_logarithms(theta)
        a = np.sqrt(5.0 * (self._squared @ weights))
        decay = scale * np.exp(-a)
        buffer = np.zeros(n * n)
        buffer[self._flat] = (1.0 + a + a * a / 3.0) * decay
        buffer[:: n + 1] = scale + noise + self._known_noise
        factor, info = dpotrf(buffer.reshape((n, n), order="F"), lower=1, clean=0, overwrite_a=1)
        if info != 0:
            return np.inf, a, decay, factor, z
        alpha = dpotrs(factor, z, lower=1)[0]
        # Rasmussen & Williams (2006), eq. 5.8.
        value = 0.5 * z @ alpha + np.log(factor.diagonal()).sum()
        # Priors: neither an irrelevant gene nor a jumpy one, a scale near 1, little noise but some.
        value += (0.1 / weights + 0.1 * weights).sum() + scale - np.log(scale)
        value += self._noise_rate * noise - 0.1 * np.log(noise)
        return float(value), a, decay, factor, alpha


def one_blas_thread() -> AbstractContextManager[object]:
    """Return a context in which linear algebra runs in this thread alone: more make small matrices ten times slower."""
    context: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return context


@cache
def _libraries() -> ThreadpoolController:
    """Return the libraries loaded by now, those of numpy and scipy among them; looking for them takes milliseconds."""
    return ThreadpoolController()
