"""
Minimize a function of mixed parameters
=======================================

A plain Python function of a choice, an integer and a normally distributed number. This is the example that introduces
``optimize`` in GeneticPy.
"""

import matplotlib.pyplot as plt
import numpy as np

from geneticsearch import ChoiceDistribution, GaussianDistribution, UniformDistribution, optimize


def loss_function(params):
    if params["type"] == "add":
        return params["x"] + params["y"]
    return params["x"] * params["y"]


param_space = {
    "type": ChoiceDistribution(choice_list=["add", "multiply"]),
    "x": UniformDistribution(low=5, high=10, q=1),
    "y": GaussianDistribution(mean=0, standard_deviation=1),
}

result = optimize(loss_function, param_space, n_iter=400, seed=0)

print(f"Best parameters: {result.best_params}")
print(f"Best score:      {result.best_score:.3f}")
print(f"Evaluations:     {result.n_evaluations}")

# %%
# The best solution multiplies the largest x by a negative y. ``y`` has no lower bound; the search stops at the value
# below which only one random draw in 2**32 would fall.
#
# ``history`` has all individuals in the order in which they were bred.

scores = np.array([individual.score for individual in result.history])
multiplies = np.array([individual.params["type"] == "multiply" for individual in result.history])
number = np.arange(1, len(scores) + 1)

fig, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
ax.scatter(number[multiplies], scores[multiplies], marker="o", s=14, color="#0072B2", label="multiply")
ax.scatter(number[~multiplies], scores[~multiplies], marker="s", s=14, color="#E69F00", label="add")
ax.step(number, np.minimum.accumulate(scores), where="post", color="black", label="best so far")
ax.set(xlabel="evaluation", ylabel="loss", title="Minimizing add or multiply")
ax.legend()
fig.savefig("optimize_function.png", dpi=120)
