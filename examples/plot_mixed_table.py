"""
A table with numbers, categories and gaps
=========================================

How should missing values be imputed, numbers scaled and categories encoded? In a ``ColumnTransformer``, these are
parameters like any other, and a linear model may need other choices than a boosted model.
"""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, QuantileTransformer, StandardScaler

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution
from geneticsearch.plots import plot_slice

rng = np.random.default_rng(0)
n_rows = 600
table = pd.DataFrame(
    {
        "area": rng.lognormal(4.3, 0.4, n_rows),
        "year": rng.integers(1900, 2025, n_rows).astype(float),
        "street": rng.choice([f"street {i}" for i in range(40)], n_rows),
        "heating": rng.choice(["gas", "oil", "district", "pump"], n_rows, p=[0.5, 0.2, 0.2, 0.1]),
    }
)
streets = dict(zip(sorted(table["street"].unique()), rng.normal(0, 1.5, 40), strict=True))
rent = 4 * np.sqrt(table["area"]) + np.maximum(0, table["year"] - 1980) / 15 + table["street"].map(streets)
rent += (table["heating"] == "pump") * 2 + rng.normal(0, 1, n_rows)
table.loc[rng.random(n_rows) < 0.15, "year"] = np.nan
table.loc[rng.random(n_rows) < 0.1, "heating"] = None
X_train, X_test, y_train, y_test = train_test_split(table, rent, random_state=0)

# %%
# Parameter names contain the steps: ``columns__numbers__fill__strategy``.

numbers = Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler())])
columns = ColumnTransformer(
    [("numbers", numbers, ["area", "year"]), ("categories", OneHotEncoder(), ["street", "heating"])],
    sparse_threshold=0,
)
pipeline = Pipeline([("columns", columns), ("model", Ridge())])

preparation = {
    "columns__numbers__fill__strategy": ["mean", "median"],
    "columns__numbers__scale": [StandardScaler(), QuantileTransformer(n_quantiles=100, random_state=0)],
    "columns__categories": [
        OneHotEncoder(handle_unknown="ignore"),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    ],
}
boosting = HistGradientBoostingRegressor(max_iter=60, early_stopping=False, random_state=0)
space = [
    {"model": [Ridge()], "model__alpha": LogUniformDistribution(1e-3, 1e2), **preparation},
    {
        "model": [boosting],
        "model__learning_rate": LogUniformDistribution(0.02, 0.5),
        "model__max_leaf_nodes": UniformDistribution(3, 20, q=1),
        **preparation,
    },
]
search = GeneticSearchCV(pipeline, space, n_iter=40, cv=3, random_state=0).fit(X_train, y_train)

for name, value in search.best_params_.items():
    print(f"{name} = {value if not isinstance(value, float) else format(value, '.3g')}")
print(f"R2 in cross-validation: {search.best_score_:.3f}")
print(f"R2 on held-out data:    {search.score(X_test, y_test):.3f}")

# %%
# The score of each pipeline against the values of its parameters: the model matters most.

ax = plot_slice(search)
ax.figure.savefig("mixed_table.png", dpi=120)
