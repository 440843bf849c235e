"""
Which columns, and which parameters?
====================================

A support vector machine on 13 measurements of wines, and 27 columns of noise. One search chooses the columns and ``C``
together, since one depends on the other. The picture shows the columns that candidates keep: some real ones are soon in
all of them, and most of the noise goes.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, SelectColumns, SubsetDistribution, one_standard_error

X, y = load_wine(return_X_y=True, as_frame=True)
noise = np.random.default_rng(0).standard_normal((len(X), 27))
X = X.assign(**{f"noise {i}": column for i, column in enumerate(noise.T)})
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)

# %%
# The first step of the pipeline keeps some columns. Which ones is a parameter like any other.

model = Pipeline([("select", SelectColumns()), ("scaler", StandardScaler()), ("svc", SVC())])
space = {
    "select__columns": SubsetDistribution(X.columns, max_size=20),
    "svc__C": LogUniformDistribution(1e-2, 1e3),
}
refit = one_standard_error(lambda params: len(params["select__columns"]))
search = GeneticSearchCV(model, space, n_iter=150, refit=refit, random_state=0)
search.fit(X_train, y_train)

# %%
# The columns that were chosen: the fewest with a score within one standard error of the best. Noise may still be among
# them, where by luck it helps on these folds. Accuracy is on wines that the search has not seen.

print(", ".join(search.best_params_["select__columns"]))
print(f"C = {search.best_params_['svc__C']:.2g}")
everything = Pipeline([("scaler", StandardScaler()), ("svc", SVC())]).fit(X_train, y_train)
print(f"accuracy on new data: {search.score(X_test, y_test):.3f}")
print(f"with all columns, and C = 1: {everything.score(X_test, y_test):.3f}")

# %%
# Each column of the picture is a candidate, each row a column of the table.

held = np.array([X.columns.isin(params["select__columns"]) for params in search.cv_results_["params"]])
figure, ax = plt.subplots(figsize=(8, 6), layout="constrained")
ax.imshow(held.T, aspect="auto", interpolation="nearest", cmap="Blues", vmin=0, vmax=1.4)
ax.axhline(12.5, color="tab:orange")
ax.set_yticks(range(len(X.columns)), X.columns, fontsize=6)
ax.set(xlabel="candidate", title="Columns that candidates keep; noise is below the line")
plt.show()
