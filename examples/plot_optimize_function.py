"""
Minimize a function of mixed parameters
=======================================

A plain Python function of a choice, an integer and a normally distributed number. This is the example that introduces
``optimize`` in GeneticPy.
"""

from geneticsearch import ChoiceDistribution, GaussianDistribution, UniformDistribution, optimize
from geneticsearch.plots import plot_progress, plot_slice


def loss_function(params):
    if params["type"] == "add":
        return params["x"] + params["y"]
    return params["x"] * params["y"]


param_space = {
    "type": ChoiceDistribution(choice_list=["add", "multiply"]),
    "x": UniformDistribution(low=5, high=10, q=1),
    "y": GaussianDistribution(mean=0, standard_deviation=1),
}

result = optimize(loss_function, param_space, n_iter=200, seed=0)

print(f"Best parameters: {result.best_params}")
print(f"Best score:      {result.best_score:.3f}")
print(f"Evaluations:     {result.n_evaluations}")

# %%
# The best solution multiplies the largest x by a negative y. ``y`` has no lower bound; the search stops at the value
# below which only one random draw in 2**32 would fall.
#
# Each point is an individual. The history has all of them, in the order in which they were bred.

ax = plot_progress(result)
ax.figure.savefig("optimize_function.png", dpi=120)

# %%
# Where the individuals lie, and what they score.

ax = plot_slice(result)
