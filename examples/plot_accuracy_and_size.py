"""
Accuracy against size
=====================

A forest that reads digits can be as large as you like. How small can it be, and at what price? One search evolves both
numbers, and ends with the front: the forests that are not beaten in both.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import train_test_split

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution, knee_of_front
from geneticsearch.plots import plot_hypervolume, plot_pareto
from geneticsearch.scorers import neg_size

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=600, stratify=y, random_state=0)

# %%
# Of all scores greater is better, so the size counts as a negative number of bytes. ``refit`` chooses what becomes
# ``best_estimator_``: here the knee of the front, beyond which a little accuracy costs many bytes.

search = GeneticSearchCV(
    ExtraTreesClassifier(random_state=0),
    {
        "n_estimators": LogUniformDistribution(2, 100, q=1),
        "max_leaf_nodes": LogUniformDistribution(8, 400, q=1),
        "max_features": UniformDistribution(0.05, 0.6),
    },
    n_iter=60,
    cv=3,
    scoring={"accuracy": "accuracy", "size": neg_size},
    objectives=["accuracy", "size"],
    refit=knee_of_front(),
    random_state=0,
).fit(X_train, y_train)

# %%
# Each forest of the front is the most accurate of those that are no larger.

results = search.cv_results_
print("accuracy      kB  trees  leaves")
for row in search.pareto_front_:
    accuracy, size, params = results["mean_test_accuracy"][row], results["mean_test_size"][row], results["params"][row]
    print(f"{accuracy:8.3f} {-size / 1000:7.0f} {params['n_estimators']:6} {params['max_leaf_nodes']:7}")
print("\n".join(search.advice_))

# %%
# The other digits, which the search has not seen, confirm the price.

best = results["params"][search.pareto_front_[0]]
for name, params in ("most accurate", best), ("knee", search.best_params_):
    forest = ExtraTreesClassifier(random_state=0, **params).fit(X_train, y_train)
    print(f"{name}: accuracy {forest.score(X_test, y_test):.3f}, {-neg_size(forest, X_test, y_test) / 1000:.0f} kB")

# %%
# The front, and how it grew: the share of the box around it that it dominates.

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
plot_pareto(search, ax=left)
left.set_yscale("symlog", linthresh=1e3)
left.set_ylim(-4e6, -4e3)
plot_hypervolume(search, ax=right)
plt.show()
