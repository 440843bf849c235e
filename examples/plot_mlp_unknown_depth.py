"""
A neural network of unknown depth
=================================

How many hidden layers, and how wide is each? ``SequenceDistribution`` describes tuples of varying length, so it can be
used for ``hidden_layer_sizes`` directly. Networks with the same depth form a species.
"""

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from geneticsearch import GeneticSearchCV, LogUniformDistribution, SequenceDistribution, UniformDistribution
from geneticsearch.plots import plot_progress, plot_species

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)

# Coarse stopping keeps the example short: training stops after three epochs without a gain of 0.01 in the loss.
network = MLPClassifier(max_iter=200, tol=1e-2, n_iter_no_change=3, random_state=0)
model = make_pipeline(MinMaxScaler(), network)
space = {
    "mlpclassifier__hidden_layer_sizes": SequenceDistribution(UniformDistribution(8, 128, q=8), 1, 4),
    "mlpclassifier__learning_rate_init": LogUniformDistribution(1e-3, 1e-1),
    "mlpclassifier__alpha": LogUniformDistribution(1e-6, 1.0),
}

search = GeneticSearchCV(model, space, n_iter=40, cv=3, n_jobs=2, random_state=0)
search.fit(X_train, y_train)

layers = search.best_params_["mlpclassifier__hidden_layer_sizes"]
print(f"Best hidden layers:  {layers}")
print(f"Cross-validation:    {search.best_score_:.4f}")
print(f"Held-out accuracy:   {search.score(X_test, y_test):.4f}")

# %%
# `species_` summarizes each species, best first; with pandas, `pandas.DataFrame(search.species_)` shows it as a table.

for i, best in enumerate(search.species_["best_params"]):
    sizes = best["mlpclassifier__hidden_layer_sizes"]
    print(
        f"{len(sizes)} layer(s): {search.species_['n_evaluations'][i]:>3} candidates, "
        f"best score {search.species_['best_score'][i]:.4f} with {sizes}"
    )

# %%
# Each point is a network, in the color of its number of hidden layers. The line is the best so far.

ax = plot_progress(search)
ax.figure.savefig("mlp_unknown_depth.png", dpi=120)

# %%
# How the numbers of layers shared the budget, and the best network of each.

ax = plot_species(search)
