"""
See what a search did
=====================

A search leaves more behind than its best candidate. These pictures tell whether it ended too early, which classifier
won, where its parameters settled, which of them matter, and how sure the result is.
"""

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution
from geneticsearch.plots import (
    plot_folds,
    plot_genealogy,
    plot_importance,
    plot_landscape,
    plot_parallel_coordinates,
    plot_parameters,
    plot_progress,
    plot_species,
)

X, y = load_breast_cancer(return_X_y=True)
pipeline = Pipeline([("scale", StandardScaler()), ("model", SVC())])
space = [
    {
        "model": [SVC()],
        "model__C": LogUniformDistribution(1e-2, 1e4),
        "model__gamma": LogUniformDistribution(1e-6, 1),
    },
    {
        "model": [KNeighborsClassifier()],
        "model__n_neighbors": UniformDistribution(1, 40, q=1),
    },
    {
        "model": [ExtraTreesClassifier(n_estimators=30, random_state=0)],
        "model__max_features": UniformDistribution(0.05, 1.0),
    },
]
search = GeneticSearchCV(pipeline, space, n_iter=60, cv=3, n_jobs=2, random_state=2).fit(X, y)
print(f"{search.best_score_:.4f} with {search.best_params_}")

# %%
# Every candidate is a point, and the line is the best score so far. If it still rises at its end, a larger ``n_iter``
# may be worth it. Candidates far worse than most are triangles at the lower edge.

plot_progress(search)

# %%
# The same over time: where the best score rises late, more time may be worth it, and where candidates become rare,
# their fits take long.

plot_progress(search, x="time")

# %%
# Each classifier is a species of its own. Their shares of the latest candidates show how the budget went to the one
# that does best, without the others being given up at once. The stars are the best candidates of each.

plot_species(search)

# %%
# The parameters that only one classifier has are in its candidates only. Where the best ones lie at an edge of a range,
# the range could be wider.

plot_parameters(search)

# %%
# Each line is a candidate, dark if it is good. Where the dark lines meet, the parameter must have that value. Lines
# pass below the axes of the parameters that a candidate does not have.

plot_parallel_coordinates(search)

# %%
# What a Gaussian process of all candidates predicts over the two parameters that matter most. Colours have even steps
# where scores are good, and larger ones where they are bad. Where it is dotted, the prediction says little.

plot_landscape(search)

# %%
# Shuffling a parameter that matters spoils predictions of the score. The lines are one standard deviation to either
# side: a short bar with a long line says nothing.

plot_importance(search)

# %%
# The ancestors of the best candidate, and how each was bred.

plot_genealogy(search)

# %%
# The best candidates on each fold. Here they differ by less than the folds do: the next data may well prefer another.

plot_folds(search)
