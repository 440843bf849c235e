"""
A search on a cluster
=====================

If a search outgrows one machine, dask runs its fits on a cluster. Neither the search nor its results change. Here the
cluster consists of two processes on this machine, and the same search of 40 candidates runs once without and once with
it. Fits as short as these gain nothing from a cluster.
"""

import time

import matplotlib.pyplot as plt
import numpy as np
from dask.distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution

X, y = load_digits(return_X_y=True)
X, y = X[:600], y[:600]
space = {"C": LogUniformDistribution(1e-2, 1e3), "gamma": LogUniformDistribution(1e-5, 1e-1)}


def search():
    """Return a new search."""
    return GeneticSearchCV(SVC(), space, n_iter=40, random_state=0)


if __name__ == "__main__":
    started = time.perf_counter()
    here = search().fit(X, y)
    print(f"here:            {time.perf_counter() - started:4.1f} s, accuracy {here.best_score_:.4f}")

    # For a real cluster, pass the address of its scheduler to ``Client``.
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config(backend="dask"),
    ):
        started = time.perf_counter()
        there = search().fit(X, y)
        print(f"on the cluster:  {time.perf_counter() - started:4.1f} s, accuracy {there.best_score_:.4f}")

    # The same candidates, bred from the same results.
    print(f"the same search: {there.cv_results_['params'] == here.cv_results_['params']}")

    errors = 1 - there.cv_results_["mean_test_score"]
    number = np.arange(1, len(errors) + 1)
    fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    ax.scatter(number, errors, color="#0072B2", label="candidate")
    ax.step(number, np.minimum.accumulate(errors), where="post", color="black", label="lowest so far")
    ax.set(xlabel="candidate", ylabel="error (mean of 5 folds)", yscale="log", title="A search on a dask cluster")
    ax.set_yticks([0.03, 0.05, 0.1, 0.2, 0.5, 1])
    ax.minorticks_off()
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.legend()
    fig.savefig("dask_cluster.png", dpi=120)
