"""
Search a whole pipeline: digits
===============================

How many principal components, which classifier, and which parameters? A single search answers all three questions, and
is compared with a random search with the same number of candidates.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution

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
        "classifier": [ExtraTreesClassifier(n_estimators=50, random_state=0)],
        "classifier__max_features": UniformDistribution(0.05, 1.0),
        "classifier__min_samples_leaf": UniformDistribution(1, 10, q=1),
    },
]

# %%
# Both searches use the same pipeline, space, number of candidates, folds and seed.

settings = {"n_iter": 60, "cv": 3, "n_jobs": 2, "random_state": 0}

genetic = GeneticSearchCV(pipeline, space, verbose=1, **settings).fit(X_train, y_train)
randomized = RandomizedSearchCV(pipeline, space, **settings).fit(X_train, y_train)

print("Best parameters:")
for name, value in genetic.best_params_.items():
    print(f"  {name} = {value if not isinstance(value, float) else format(value, '.4g')}")

print(f"\n{settings['n_iter']} candidates each    cross-validation   held-out data")
for name, search in {"GeneticSearchCV": genetic, "RandomizedSearchCV": randomized}.items():
    print(f"{name:<22} {search.best_score_:>16.4f} {search.score(X_test, y_test):>15.4f}")

# %%
# Each marker is a candidate of the genetic search; the lines show the lowest error so far.


def errors(search):
    return 1 - search.cv_results_["mean_test_score"]


kinds = np.array([type(params["classifier"]).__name__ for params in genetic.cv_results_["params"]])
number = np.arange(1, settings["n_iter"] + 1)

fig, ax = plt.subplots(figsize=(8, 5), layout="constrained")
markers = {"SVC": ("o", "#0072B2"), "KNeighborsClassifier": ("s", "#E69F00"), "ExtraTreesClassifier": ("^", "#009E73")}
for kind, (marker, color) in markers.items():
    mine = kinds == kind
    ax.scatter(number[mine], errors(genetic)[mine], marker=marker, color=color, alpha=0.8, label=kind)
for search, style in (genetic, "-"), (randomized, ":"):
    label = f"{type(search).__name__}, lowest so far"
    ax.step(number, np.minimum.accumulate(errors(search)), style, where="post", color="black", label=label)
ax.set(xlabel="candidate", ylabel="error (mean of 3 folds)", yscale="log", title="A pipeline search on digits")
ax.yaxis.set_major_formatter("{x:.0%}")
ax.set_yticks([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1], minor=False)
ax.minorticks_off()
fig.legend(loc="outside lower center", ncols=3, fontsize="small")
fig.savefig("digits_search.png", dpi=120)
print("\nPicture written to digits_search.png")

# %%
# A single run of each says little: the difference depends on the seed.
