"""
Text: which module does a sentence describe?
============================================

The data are already on your disk: sentences from the documentation of three SciPy modules. The search chooses how to
split them into words or letters, how to weight these, and how strongly to regularize the classifier.
"""

import inspect
import re

import numpy as np
import scipy.optimize
import scipy.signal
import scipy.stats
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from geneticsearch import GeneticSearchCV, LogUniformDistribution
from geneticsearch.plots import plot_slice

texts, labels = [], []
for module in scipy.optimize, scipy.signal, scipy.stats:
    name = module.__name__.removeprefix("scipy.")
    documentation = " ".join(inspect.getdoc(getattr(module, item)) or "" for item in sorted(module.__all__))
    sentences = sorted(set(re.findall(r"[A-Z][a-z][^.:>\n]{30,120}\.", documentation)))
    chosen = np.random.default_rng(0).permutation(sentences)[:120]
    texts += [re.sub(f"scipy|{name}", " ", sentence) for sentence in chosen]
    labels += [name] * len(chosen)
texts_train, texts_test, labels_train, labels_test = train_test_split(texts, labels, stratify=labels, random_state=0)
print(f"{len(texts)} sentences, such as: {texts_train[0]!r} ({labels_train[0]})")

# %%
# Words and letters need different n-gram lengths, so they are alternatives. A tuple in a list is a single value.

pipeline = Pipeline([("features", TfidfVectorizer()), ("model", LogisticRegression(max_iter=100, tol=1e-2))])
common = {
    "features__sublinear_tf": [True, False],
    "features__max_df": [0.2, 0.5, 1.0],
    "model__C": LogUniformDistribution(0.1, 1000),
}
space = [
    {"features__analyzer": ["word"], "features__ngram_range": [(1, 1), (1, 2)], **common},
    {"features__analyzer": ["char_wb"], "features__ngram_range": [(2, 3), (3, 3), (3, 4)], **common},
]

search = GeneticSearchCV(pipeline, space, n_iter=30, cv=3, random_state=0)
search.fit(texts_train, labels_train)

for name, value in search.best_params_.items():
    print(f"{name} = {value if not isinstance(value, float) else format(value, '.3g')}")
print(f"Cross-validation:  {search.best_score_:.3f}")
print(f"Held-out accuracy: {search.score(texts_test, labels_test):.3f}")

# %%
# The score of each pipeline against its parameters. They gather where the scores are good.

ax = plot_slice(search)
ax.figure.savefig("text_pipeline.png", dpi=120)
