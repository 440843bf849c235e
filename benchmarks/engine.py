"""How many evaluations per second does `optimize` make, compared with GeneticPy?

A function of four numbers that costs next to nothing, with GeneticPy's default settings (600 evaluations) and with
many more; the two alternate ten times.
"""

import time
import warnings

import geneticpy
import numpy as np
from _common import print_versions, spread

import geneticsearch


def loss(params):
    return sum((value - 0.3) ** 2 for value in params.values())


def evaluations_per_second(package, generation_count, seed):
    space = {name: package.UniformDistribution(0, 1) for name in "abcd"}
    n_calls = 0

    def counted(params):
        nonlocal n_calls
        n_calls += 1
        return loss(params)

    started = time.perf_counter()
    plain = {"surrogate": None} if package is geneticsearch else {}
    package.optimize(counted, space, size=100, generation_count=generation_count, seed=seed, **plain)
    return n_calls / (time.perf_counter() - started)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print_versions()
    print("| evaluations | geneticsearch, per second | GeneticPy, per second | ratio, median (range) |")
    print("|---|---|---|---|")
    for generation_count in (10, 200):
        pairs = [
            [evaluations_per_second(package, generation_count, seed) for package in (geneticsearch, geneticpy)]
            for seed in range(10)
        ]
        ours, theirs = np.median(pairs, axis=0)
        ratios = [one / other for one, other in pairs]
        print(f"| {100 + 50 * generation_count} | {ours:.0f} | {theirs:.0f} | {spread(ratios)} |", flush=True)
