"""Scorers of what people trade accuracy against. Greater is better, so sizes and times are negative.

They are functions of an estimator, data and targets, for `scoring` of scikit-learn's searches and ours.
"""

from __future__ import annotations

import pickle
import time
from typing import Any

import numpy as np

__all__ = ["neg_n_features", "neg_prediction_time", "neg_size"]


def neg_size(estimator: Any, X: Any = None, y: Any = None) -> float:
    """Return minus the size of the pickled estimator, in bytes.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X, y : object
        Not looked at.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from geneticsearch.scorers import neg_size
    >>> X, y = load_iris(return_X_y=True)
    >>> small, large = DecisionTreeClassifier(max_depth=1).fit(X, y), DecisionTreeClassifier().fit(X, y)
    >>> neg_size(small) > neg_size(large)
    True
    """
    return -float(len(pickle.dumps(estimator)))


def neg_n_features(estimator: Any, X: Any = None, y: Any = None) -> float:
    """Return minus the number of features that an estimator uses.

    Of a pipeline, they are what its last step is given. Features whose coefficients, or importances, are all 0 are not
    used.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X, y : object
        Not looked at.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Lasso
    >>> from geneticsearch.scorers import neg_n_features
    >>> neg_n_features(Lasso(alpha=1.0).fit(*load_diabetes(return_X_y=True)))
    -3.0
    """
    while hasattr(estimator, "steps"):
        steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
        estimator = steps[-1]
    weights = getattr(estimator, "coef_", getattr(estimator, "feature_importances_", None))
    if weights is None:
        return -float(estimator.n_features_in_)
    weights = weights.toarray() if hasattr(weights, "toarray") else np.asarray(weights)
    return -float((weights.reshape(-1, weights.shape[-1]) != 0).any(axis=0).sum())


def neg_prediction_time(estimator: Any, X: Any, y: Any = None) -> float:
    """Return minus the seconds that an estimator takes to predict, the least of three times.

    Times differ from run to run: neither the same seed nor a resumed search gives the same result, and a search with
    several jobs measures how busy the machine is. Prefer the size, if it will do.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X : array-like of shape (n_samples, n_features)
        What to predict.
    y : object
        Not looked at.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.dummy import DummyClassifier
    >>> from geneticsearch.scorers import neg_prediction_time
    >>> X, y = load_iris(return_X_y=True)
    >>> -0.1 < neg_prediction_time(DummyClassifier().fit(X, y), X) < 0
    True
    """
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        estimator.predict(X)
        seconds.append(time.perf_counter() - start)
    return -min(seconds)
