"""
Search a whole pipeline: digits
===============================

How many principal components, which classifier, and which parameters? A single search answers all three questions, and
is compared with a random search with the same number of candidates.
"""

from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution
from geneticsearch.plots import plot_comparison, plot_progress

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)

# %%
# Each dict is an alternative with its own parameters. All alternatives share one budget of candidates.

pipeline = Pipeline([("pca", PCA(random_state=0)), ("classifier", SVC())])
n_components = UniformDistribution(4, 60, q=1)

space = [
    {
        "pca__n_components": n_components,
        "classifier": [SVC()],
        "classifier__C": LogUniformDistribution(1e-2, 1e3),
        "classifier__gamma": LogUniformDistribution(1e-6, 1e-1),
    },
    {
        "pca__n_components": n_components,
        "classifier": [KNeighborsClassifier()],
        "classifier__n_neighbors": UniformDistribution(1, 30, q=1),
        "classifier__weights": ["uniform", "distance"],
    },
    {
        "pca__n_components": n_components,
        "classifier": [ExtraTreesClassifier(n_estimators=30, random_state=0)],
        "classifier__max_features": UniformDistribution(0.05, 1.0),
        "classifier__min_samples_leaf": UniformDistribution(1, 10, q=1),
    },
]

# %%
# Both searches use the same pipeline, space, number of candidates, folds and seed.

settings = {"n_iter": 50, "cv": 3, "n_jobs": 2, "random_state": 0}

genetic = GeneticSearchCV(pipeline, space, verbose=1, **settings).fit(X_train, y_train)
randomized = RandomizedSearchCV(pipeline, space, **settings).fit(X_train, y_train)

print("Best parameters:")
for name, value in genetic.best_params_.items():
    print(f"  {name} = {value if not isinstance(value, float) else format(value, '.4g')}")

print(f"\n{settings['n_iter']} candidates each    cross-validation   held-out data")
for name, search in {"GeneticSearchCV": genetic, "RandomizedSearchCV": randomized}.items():
    print(f"{name:<22} {search.best_score_:>16.4f} {search.score(X_test, y_test):>15.4f}")

# %%
# Each point is a candidate of the genetic search, in the color of its classifier. The line is the best so far.

ax = plot_progress(genetic)
ax.figure.savefig("digits_search.png", dpi=120)
print("\nPicture written to digits_search.png")

# %%
# A single run of each says little, since the difference depends on the seed. Here are three of each: lines are medians,
# bands reach from quartile to quartile. `benchmarks/hero.py` does the same with ten seeds, and with new data.

more = {"GeneticSearchCV": [genetic], "RandomizedSearchCV": [randomized]}
for seed in 1, 2:
    for kind in GeneticSearchCV, RandomizedSearchCV:
        search = kind(pipeline, space, **{**settings, "random_state": seed}).fit(X_train, y_train)
        more[kind.__name__].append(search)
ax = plot_comparison(more)
ax.figure.savefig("digits_comparison.png", dpi=120)
