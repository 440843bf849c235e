"""
Follow a search with TensorBoard
================================

While the search is running, a callback writes its scores and species for TensorBoard's SCALARS tab, and the parameters
and scores of all candidates for the HPARAMS tab. To view them, run ``tensorboard --logdir DIRECTORY``. Here,
TensorBoard's own reader reads the same files.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import load_wine
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution
from geneticsearch.callbacks import TensorBoardCallback

log_dir = Path(tempfile.mkdtemp()) / "wine"

X, y = load_wine(return_X_y=True)
pipeline = Pipeline([("scale", StandardScaler()), ("model", SVC())])
space = [
    {
        "model": [SVC()],
        "model__C": LogUniformDistribution(1e-2, 1e4),
        "model__gamma": LogUniformDistribution(1e-6, 1),
    },
    {
        "model": [KNeighborsClassifier()],
        "model__n_neighbors": UniformDistribution(1, 40, q=1),
    },
    {
        "model": [ExtraTreesClassifier(n_estimators=20, random_state=0)],
        "model__max_features": UniformDistribution(0.05, 1.0),
    },
]
search = GeneticSearchCV(
    pipeline, space, n_iter=60, cv=5, n_jobs=2, random_state=0, callbacks=TensorBoardCallback(log_dir)
).fit(X, y)
print(f"{search.best_score_:.4f} with {search.best_params_}")

# %%
# The SCALARS tab shows these series. The number of species counts the latest 20 candidates: here, the classifiers that
# the search still tries.

events = EventAccumulator(str(log_dir))
events.Reload()
print(events.Tags()["scalars"])


def scalar(tag):
    shown = events.Scalars(tag)
    return [one.step for one in shown], [one.value for one in shown]


fig, (upper, lower) = plt.subplots(2, sharex=True, figsize=(8, 5.5), height_ratios=(3, 1), layout="constrained")
upper.scatter(*scalar("search/score"), s=16, color="#0072B2", label="search/score")
upper.step(*scalar("search/best_score"), where="post", color="black", label="search/best_score")
upper.set(ylabel="accuracy", ylim=(0.93, 0.985), title="Scalars in TensorBoard")  # a few are worse
upper.legend(loc="lower right")
lower.step(*scalar("search/species"), where="post", color="#D55E00", label="search/species")
lower.set(xlabel="candidate", ylabel="species", yticks=range(4), ylim=(0, 3.5))
lower.legend(loc="lower right")
plt.show()

# %%
# For the HPARAMS tab, each candidate has its own directory.

for number in range(3):
    candidate = EventAccumulator(str(log_dir / "candidates" / str(number)))
    candidate.Reload()
    begun = candidate.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    hparams = metadata.parse_session_start_info_plugin_data(begun).hparams
    values = {name: value.string_value or round(value.number_value, 5) for name, value in sorted(hparams.items())}
    print(f"candidate {number}: {candidate.Scalars('score')[0].value:.4f} with {values}")
