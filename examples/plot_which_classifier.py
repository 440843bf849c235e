"""
Which classifier, and which parameters?
=======================================

Four kinds of classifier, each with its own parameters, share one budget. Candidates of the same kind form a species.
Most fits go to the species with the best scores, and the picture shows species rise and die out.
"""

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution
from geneticsearch.plots import plot_progress, plot_species

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)

# %%
# There is one dict per classifier, with its parameters.

model = Pipeline([("scaler", StandardScaler()), ("classifier", SVC())])
space = [
    {
        "classifier": [SVC()],
        "classifier__C": LogUniformDistribution(1e-1, 1e3),
        "classifier__gamma": LogUniformDistribution(1e-4, 1.0),
    },
    {
        "classifier": [LogisticRegression(max_iter=1000)],
        "classifier__C": LogUniformDistribution(1e-4, 1e4),
        "classifier__class_weight": [None, "balanced"],
    },
    {
        "classifier": [KNeighborsClassifier()],
        "classifier__n_neighbors": UniformDistribution(1, 30, q=1),
        "classifier__weights": ["uniform", "distance"],
    },
    {
        "classifier": [ExtraTreesClassifier(n_estimators=20, random_state=0)],
        "classifier__max_features": UniformDistribution(0.05, 1.0),
        "classifier__min_samples_leaf": UniformDistribution(1, 10, q=1),
    },
]
search = GeneticSearchCV(model, space, n_iter=80, n_jobs=2, random_state=0)
search.fit(X_train, y_train)

# %%
# `species_` has a row for each kind, best first. `pandas.DataFrame(search.species_)` shows it as a table.

species = search.species_
names = [words.removeprefix("classifier=") for words in species["species"]]
for name, count, score in zip(names, species["n_evaluations"], species["best_score"], strict=True):
    print(f"{name:<22} {count:>3} candidates, best score {score:.4f}")
print("\nBest parameters:")
for name, value in search.best_params_.items():
    print(f"    {name}: {value!r}")
print(f"Held-out accuracy: {search.score(X_test, y_test):.4f}")

# %%
# `advice_` gives advice on the result, in sentences, such as a range to widen.

for sentence in search.advice_:
    print(f"- {sentence}")

# %%
# The share of each species among the latest candidates, with a star at the best candidate of each.

ax = plot_species(search)
ax.figure.savefig("which_classifier.png", dpi=120)

# %%
# All candidates, and the best score so far.

ax = plot_progress(search)
