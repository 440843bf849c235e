"""
Follow a search with MLflow
===========================

While the search is running, a callback writes a run for it to MLflow, with a nested run for each candidate. Here they
go to a database in a temporary directory and are read back from there. To use a server, change only the URI:
``MLflowCallback(tracking_uri="http://...")``; its web page shows the same runs.
"""

import logging
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from mlflow import MlflowClient
from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution
from geneticsearch.callbacks import MLflowCallback

for name in ("mlflow", "alembic"):  # they tell of each table of a new database
    logging.getLogger(name).setLevel(logging.WARNING)

database = f"sqlite:///{(Path(tempfile.mkdtemp()) / 'mlflow.db').as_posix()}"
callback = MLflowCallback(run_name="SVC", experiment_name="breast cancer", tracking_uri=database)

X, y = load_breast_cancer(return_X_y=True)
space = {
    "svc__C": LogUniformDistribution(1e-2, 1e4),
    "svc__gamma": LogUniformDistribution(1e-6, 1),
    "svc__kernel": ["rbf", "sigmoid"],
}
search = GeneticSearchCV(
    make_pipeline(StandardScaler(), SVC()), space, n_iter=40, cv=3, n_jobs=2, random_state=0, callbacks=callback
).fit(X, y)

# %%
# The run of the search ends with the best parameters.

client = MlflowClient(database)
run = client.get_run(callback.run_id)
print(run.info.run_name, run.info.status, run.data.metrics, run.data.params, sep="\n")

# %%
# The runs of the candidates are nested in it.

runs = client.search_runs(
    [run.info.experiment_id], filter_string=f"tags.mlflow.parentRunId = '{callback.run_id}'", max_results=1000
)
best_first = sorted(runs, key=lambda one: -one.data.metrics["score"])
for one in best_first[:3]:
    print(one.info.run_name, one.data.metrics, one.data.params, one.data.tags["origin"], sep="\n    ")

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
for kernel, marker in ("sigmoid", "s"), ("rbf", "o"):
    shown = [one for one in runs if one.data.params["svc__kernel"] == kernel]
    points = left.scatter(
        [float(one.data.params["svc__C"]) for one in shown],
        [float(one.data.params["svc__gamma"]) for one in shown],
        c=[one.data.metrics["score"] for one in shown],
        marker=marker,
        vmin=0.9,
        vmax=search.best_score_,
        edgecolor="black",
        linewidth=0.5,
        label=kernel,
    )
fig.colorbar(points, ax=left, label="accuracy", extend="min")
left.set(xscale="log", yscale="log", xlabel="C", ylabel="gamma", title="The runs of the candidates")
fig.legend(loc="outside lower left", ncols=2, title="kernel")

history = sorted(client.get_metric_history(callback.run_id, "best_score"), key=lambda metric: metric.step)
right.step(
    [*(metric.step for metric in history), len(runs)],
    [*(metric.value for metric in history), history[-1].value],
    where="post",
    color="black",
)
right.set(xlabel="candidate", ylabel="best accuracy so far", title="The metric best_score of the search")
plt.show()
