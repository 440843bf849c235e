"""
A forecast: how far to look back?
=================================

This example forecasts hourly demand with a daily and a weekly cycle. The number of past hours that the model sees is a
parameter of the pipeline, searched together with the kind of model. Each fold trains on the past and is scored on the
following period.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import Pipeline

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution
from geneticsearch.plots import plot_slice

rng = np.random.default_rng(0)
hours = np.arange(24 * 7 * 8)
day, week = 2 * np.pi * hours / 24, 2 * np.pi * hours / (24 * 7)
noise = np.convolve(rng.normal(size=len(hours) + 2), [0.6, 0.3, 0.1], mode="valid")
demand = 10 + 3 * np.sin(day) + 2 * np.clip(np.sin(week), -0.3, 0.3) * np.cos(2 * day) + noise

longest = 24 * 7
X = np.column_stack([demand[longest - lag : -lag] for lag in range(1, longest + 1)])  # column 0 is the last hour
y = demand[longest:]
last_week = slice(len(y) - 24 * 7, None)
X_train, y_train = X[: last_week.start], y[: last_week.start]

# %%
# A short transformer keeps the latest ``n`` columns.


class Latest(TransformerMixin, BaseEstimator):
    """Keep the `n` latest values."""

    def __init__(self, n=24):
        self.n = n

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X[:, : self.n]

    def __sklearn_is_fitted__(self):
        return True


pipeline = Pipeline([("latest", Latest()), ("model", Ridge())])
n = LogUniformDistribution(1, longest, q=1)
trees = ExtraTreesRegressor(n_estimators=20, max_features=0.3, random_state=0)
space = [
    {"latest__n": n, "model": [Ridge()], "model__alpha": LogUniformDistribution(1e-2, 1e4)},
    {"latest__n": n, "model": [trees], "model__min_samples_leaf": UniformDistribution(1, 20, q=1)},
]

search = GeneticSearchCV(
    pipeline, space, n_iter=40, cv=TimeSeriesSplit(4), scoring="neg_root_mean_squared_error", random_state=0
)
search.fit(X_train, y_train)

predicted = search.predict(X[last_week])
yesterday = X[last_week, 23]  # the value 24 hours before
print(f"Best model: {type(search.best_params_['model']).__name__}, {search.best_params_['latest__n']} hours back")
print(f"Error in cross-validation:                {-search.best_score_:.2f}")
print(f"Error in the last week:                   {np.sqrt(np.mean((predicted - y[last_week]) ** 2)):.2f}")
print(f"Error of 'the same as 24 hours before':   {np.sqrt(np.mean((yesterday - y[last_week]) ** 2)):.2f}")

# %%
# The scores of all candidates, which are negative errors, against how far they look back and which model they have.

ax = plot_slice(search, parameters=["latest__n", "model"])
ax.figure.savefig("forecast_slice.png", dpi=120)

# %%
# The last week, which the search has not seen.

fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.plot(y[last_week], color="0.6", label="demand")
ax.plot(predicted, color="#0072B2", label="forecast, one hour ahead")
ax.set(xlabel="hour of the last week", ylabel="demand")
ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1), frameon=False)
fig.savefig("forecast.png", dpi=120)
