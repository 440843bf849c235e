"""
Which classifier, and which parameters?
=======================================

Four kinds of classifier, each with its own parameters, share one budget. Candidates of the same kind form a species.
Most fits go to the species with the best scores, and the picture shows species rise and die out.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution

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
# The upper plot shows the share of each species among the latest twelve candidates. The lower plot shows the best score
# of each species so far, a mean over 5 folds.

of_candidate = search.cv_results_["species"]
scores = search.cv_results_["mean_test_score"]
number = np.arange(1, len(scores) + 1)
born = np.array([of_candidate == words for words in species["species"]])
shares = np.array([born[:, max(0, i - 12) : i].mean(axis=1) for i in number]).T
best = np.fmax.accumulate(np.where(born, scores, np.nan), axis=1)
colors = ["#0072B2", "#E69F00", "#009E73", "#CC79A7"]

fig, (above, below) = plt.subplots(2, sharex=True, figsize=(8, 5.5), layout="constrained")
above.stackplot(number, shares, colors=colors, labels=names)
above.set(ylabel="share of births", title="Species rise and die out", xlim=(1, len(scores)), ylim=(0, 1))
above.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
for curve, color in zip(best, colors, strict=True):
    below.step(number, curve, where="post", color=color, linewidth=2)
below.set(xlabel="candidate", ylabel="best score so far")
fig.legend(loc="outside right upper")
fig.savefig("which_classifier.png", dpi=120)
