"""
See what a search did
=====================

A search has more to show than its best candidate. These pictures show whether it ended too early, which classifier won,
where its parameters settled, which parameters matter, and how certain the result is.
"""

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution
from geneticsearch.plots import (
    plot_comparison,
    plot_folds,
    plot_genealogy,
    plot_importance,
    plot_landscape,
    plot_parallel_coordinates,
    plot_parameters,
    plot_progress,
    plot_slice,
    plot_species,
    plot_stopping,
    plot_timeline,
    plot_train_test,
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
settings = {"n_iter": 60, "cv": 3, "n_jobs": 2}
search = GeneticSearchCV(pipeline, space, random_state=2, return_train_score=True, **settings).fit(X, y)
print(f"{search.best_score_:.4f} with {search.best_params_}")

# %%
# Each point is a candidate, and the line is the best score so far. If it is still rising at the end, try a larger
# ``n_iter``. Triangles at the bottom mark candidates far worse than the rest.

plot_progress(search)

# %%
# The same over time: if the best score rises late, more time may help. Where candidates are sparse, their fits are
# slow.

plot_progress(search, x="time")

# %%
# Is it time to stop? The line is what a model deems possible to gain, and the dashed line the noise of the best score:
# where the first is below the second, more candidates would only choose between differences due to chance.

plot_stopping(search)

# %%
# The timeline shows the same from the side of the workers: each bar is the evaluation of a candidate, and gaps are
# workers that waited.

plot_timeline(search)

# %%
# Each classifier is a species. Their shares of the latest candidates show that most of the budget went to the best
# species, while the others were not abandoned at once. Stars mark the best candidate of each species.

plot_species(search)

# %%
# Parameters of a single classifier appear only in its candidates. If the best values lie at an edge of a range, widen
# the range.

plot_parameters(search)

# %%
# The score against each parameter. Later candidates are darker, so the dark points show where the search went, and how
# much was to be gained there.

plot_slice(search)

# %%
# Each line is a candidate; darker is better. Where the dark lines meet, good candidates agree on the value. Lines pass
# below the axes of parameters that a candidate does not have.

plot_parallel_coordinates(search)

# %%
# The landscape shows the prediction of a Gaussian process over the two most important parameters. Color steps are even
# for good scores and coarser for bad scores. In dotted areas, the prediction is uncertain.

plot_landscape(search)

# %%
# Shuffling an important parameter makes predictions of the score worse. The error bars extend one standard deviation to
# either side; a short bar with a long error bar is inconclusive.

plot_importance(search)

# %%
# The genealogy shows the ancestors of the best candidate, and how each was bred.

plot_genealogy(search)

# %%
# The scores of the best candidates on each fold. Here the candidates differ by less than the folds do, so another
# candidate might be best on new data.

plot_folds(search)

# %%
# The ranks of these candidates on each fold: the best one is not the best everywhere.

plot_folds(search, y="rank")

# %%
# The score on the training rows against that on the other rows: candidates far to the right of the dashed line
# memorized their training rows.

plot_train_test(search)

# %%
# Is it worth it? Three runs of this search and three of a random search, with medians and quartiles. Differences
# between candidates are within the noise of their folds here, so there is little to gain for either.

plot_comparison(
    {
        kind.__name__: [kind(pipeline, space, random_state=seed, **settings).fit(X, y) for seed in range(3)]
        for kind in (GeneticSearchCV, RandomizedSearchCV)
    }
)
