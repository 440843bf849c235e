"""
I do not know which ranges
==========================

With ``"auto"``, the space is suggested for the estimator and the data, and the search begins with a portfolio:
candidates that did well on other data. The picture compares this with searches of the same space without a portfolio.
"""

from pprint import pprint

from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, suggest_space
from geneticsearch.plots import plot_comparison

X, y = load_breast_cancer(return_X_y=True)
pipeline = make_pipeline(StandardScaler(), SVC())
search = GeneticSearchCV(pipeline, "auto", n_iter=30, random_state=0).fit(X, y)
print(f"Best accuracy: {search.best_score_:.4f}")

# %%
# The space is a list of plain dicts, one for each kernel, which you can print, edit and pass.

space = suggest_space(pipeline, X, y)
pprint(space, sort_dicts=False)

# %%
# The first candidate has the defaults of the estimator; the rest of the portfolio was learned on other data.

for candidate in search.history_[:12]:
    values = [f"{value:.3g}" if isinstance(value, float) else str(value) for value in candidate.params.values()]
    print(f"{candidate.origin:<10}{candidate.score:.4f}  {' '.join(values)}")

# %%
# Three searches of each kind, with different seeds: the median of the best score so far, and its range.

searches = {
    name: [GeneticSearchCV(pipeline, what, n_iter=30, random_state=seed).fit(X, y) for seed in range(3)]
    for name, what in {"auto": "auto", "the same space, without a portfolio": space}.items()
}
ax = plot_comparison(searches)
ax.figure.savefig("unknown_ranges.png", dpi=120)
