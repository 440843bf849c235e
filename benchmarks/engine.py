"""How many evaluations per second does `optimize` make, compared with GeneticPy?

A function of four numbers that costs next to nothing, with GeneticPy's default settings (600 evaluations) and with
many more; the two in turn, ten times. GeneticPy evaluates some parameters again and again, so the evaluations of
different parameters are counted too.
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
    called = []

    def counted(params):
        called.append(tuple(params.values()))
        return loss(params)

    started = time.perf_counter()
    package.optimize(counted, space, size=100, generation_count=generation_count, seed=seed)
    seconds = time.perf_counter() - started
    return len(called) / seconds, len(set(called)) / seconds


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print_versions()
    print("| evaluations | counted | geneticsearch, per second | GeneticPy, per second | ratio, median (range) |")
    print("|---|---|---|---|---|")
    for generation_count in (10, 200):
        pairs = [
            (
                evaluations_per_second(geneticsearch, generation_count, seed),
                evaluations_per_second(geneticpy, generation_count, seed),
            )
            for seed in range(10)
        ]
        for i, counted in enumerate(("all", "different")):
            ours, theirs = zip(*[(one[i], other[i]) for one, other in pairs], strict=True)
            ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
            print(
                f"| {100 + 50 * generation_count} | {counted} | {np.median(ours):.0f} | {np.median(theirs):.0f} "
                f"| {spread(ratios)} |",
                flush=True,
            )
