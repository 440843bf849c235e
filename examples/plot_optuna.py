"""
Show a search with Optuna
=========================

:func:`~geneticsearch.to_optuna` turns a search or its checkpoint into a study of Optuna, so Optuna's plots and
dashboard can show it.
"""

import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import optuna
from matplotlib.dates import ConciseDateFormatter
from optuna.visualization.matplotlib import plot_contour, plot_param_importances, plot_slice, plot_timeline
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, to_optuna

optuna.logging.set_verbosity(optuna.logging.WARNING)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)  # its matplotlib pictures

checkpoint = Path(tempfile.mkdtemp()) / "search.db"
X, y = load_breast_cancer(return_X_y=True)
pipeline = Pipeline([("scale", StandardScaler()), ("model", SVC())])
space = [
    {
        "model": [SVC()],
        "model__C": LogUniformDistribution(1e-2, 1e4),
        "model__gamma": LogUniformDistribution(1e-6, 1),
    },
    {
        "model": [LogisticRegression(max_iter=1000)],
        "model__C": LogUniformDistribution(1e-4, 1e4),
    },
]
search = GeneticSearchCV(pipeline, space, n_iter=50, cv=3, n_jobs=2, random_state=0, checkpoint=checkpoint).fit(X, y)

study = to_optuna(search)
print(study.best_trial.number, study.best_value, study.best_params, sep="\n")
print(study.best_trial.user_attrs)

# %%
# The slice plot shows each parameter over its range. Not every candidate has every parameter.

plot_slice(study)
plt.gcf().set(size_inches=(10, 4), layout_engine="constrained")
plt.show()

# %%
# Optuna estimates which parameters the score depends on.

plot_param_importances(study)
plt.gcf().set(size_inches=(8, 3), layout_engine="tight")
plt.show()

# %%
# The contour plot shows two parameters at once.

# sphinx_gallery_thumbnail_number = 3
plot_contour(study, params=["model__C", "model__gamma"])
plt.gcf().set(size_inches=(7, 5), layout_engine="tight")
plt.show()

# %%
# The timeline shows when each candidate was evaluated, on two workers. It is drawn from the checkpoint, which can be
# read while the search is running.

ax = plot_timeline(to_optuna(checkpoint))
ax.xaxis.set_major_formatter(ConciseDateFormatter(ax.xaxis.get_major_locator()))
plt.gcf().set(size_inches=(8, 5), layout_engine="tight")
plt.show()

# %%
# For the dashboard, write the trials to a database:
#
# .. code-block:: python
#
#    study = optuna.create_study(storage="sqlite:///study.db", study_name="svc", direction="maximize")
#    to_optuna(search, study)
#
# Then ``optuna-dashboard sqlite:///study.db`` shows them.
