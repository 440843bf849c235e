"""
Precision or recall?
====================

Who wants more of the one gets less of the other. A search that evolves both finds the front, the candidates that are
not beaten in both, and a function of the metrics selects one of them.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification
from sklearn.metrics import make_scorer, precision_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution
from geneticsearch.plots import plot_pareto

X, y = make_classification(
    900, 12, n_informative=5, weights=[0.85], class_sep=0.8, flip_y=0.03, n_clusters_per_class=2, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# The function selects the candidate with the best recall among those with a precision of at least 0.75. F1 is recorded
# as well, but not evolved.


def recall_at_precision(results):
    precision, recall = results["mean_test_precision"], results["mean_test_recall"]
    precise = precision >= min(0.75, precision.max())
    return int(np.argmax(np.where(precise, recall, -1)))


space = {
    "svc__C": LogUniformDistribution(1e-1, 1e3),
    "svc__gamma": LogUniformDistribution(1e-4, 1e0),
    "svc__class_weight": [{1: weight} for weight in (1, 2, 4, 8, 16)],
}
search = GeneticSearchCV(
    make_pipeline(StandardScaler(), SVC()),
    space,
    n_iter=60,
    cv=3,
    scoring={"f1": "f1", "precision": make_scorer(precision_score, zero_division=0), "recall": "recall"},
    objectives=["recall", "precision"],
    refit=recall_at_precision,
    random_state=0,
).fit(X_train, y_train)

results = search.cv_results_
precision, recall, f1 = (results[f"mean_test_{name}"] for name in ("precision", "recall", "f1"))
chosen, best = search.best_index_, f1.argmax()
predicted = search.predict(X_test)
print("                   precision  recall")
print(f"best F1            {precision[best]:>9.3f} {recall[best]:>7.3f}")
print(f"chosen             {precision[chosen]:>9.3f} {recall[chosen]:>7.3f}")
print(f"  on held-out data {precision_score(y_test, predicted):>9.3f} {recall_score(y_test, predicted):>7.3f}")

# %%
# Along the line, no candidate is better than another in both metrics.

fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
plot_pareto(search, ax=ax)
ax.plot(recall[best], precision[best], "s", mfc="none", mec="#009E73", mew=2, ms=13, label="best F1")
ax.plot(recall[chosen], precision[chosen], "o", mfc="none", mec="#CC79A7", mew=2, ms=13, label="chosen")
ax.axhline(0.75, color="0.6", linestyle=":", label="required precision")
ax.legend()
fig.savefig("metric_tradeoff.png", dpi=120)
