"""
A report to keep or to send
===========================

``search.report("search.html")`` writes everything about a search to a single web page. In a notebook, the fitted search
displays a short version.
"""

from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution
from geneticsearch.plots import plot_progress

X, y = load_wine(return_X_y=True)
pipeline = make_pipeline(StandardScaler(), SVC())
space = {
    "svc__C": LogUniformDistribution(1e-2, 1e3),
    "svc__gamma": LogUniformDistribution(1e-5, 1),
    "svc__kernel": ["rbf", "sigmoid"],
}
search = GeneticSearchCV(pipeline, space, n_iter=50, random_state=0)
search.fit(X, y)

# %%
# The page works offline and without Python. Its pictures and its table are linked: the candidate under the pointer is
# highlighted in all of them, together with its parents. `Open the page <search.html>`__.

page = search.report("search.html")
print(f"{page.name}: {page.stat().st_size / 1000:.0f} kB")

# %%
# The pictures are those of ``geneticsearch.plots``, such as the progress of the scores:

plot_progress(search)
