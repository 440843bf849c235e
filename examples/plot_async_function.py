"""
An async function: many calls at once
=====================================

Some functions only wait: for a service, an instrument, another machine. Coroutines need no processes, so many calls can
wait at the same time, and the seed still determines the search.
"""

import asyncio
import time

import matplotlib.pyplot as plt

from geneticsearch import UniformDistribution, optimize
from geneticsearch.plots import plot_timeline

space = {"temperature": UniformDistribution(20, 90), "minutes": UniformDistribution(1, 30)}
calls = []


async def bitterness(params):
    """Ask a slow service, which takes between 0.02 and 0.3 seconds to answer."""
    began = time.perf_counter()
    await asyncio.sleep(0.02 + 0.28 * (params["minutes"] * 7919 % 1))
    calls.append((began, time.perf_counter()))
    return (params["temperature"] - 78) ** 2 / 400 + (params["minutes"] - 4) ** 2 / 25


result = optimize(bitterness, space, n_iter=120, seed=0, n_jobs=10)
waited = sum(end - began for began, end in calls)
temperature, minutes = result.best_params["temperature"], result.best_params["minutes"]
print(f"Best: {temperature:.1f} degrees for {minutes:.1f} minutes")
print(f"{len(calls)} calls waited {waited:.1f} seconds, in {result.total_time:.1f} seconds")

# %%
# Answers arrive in any order. A run with different waiting times still finds the same result.


async def at_once(params):
    return (params["temperature"] - 78) ** 2 / 400 + (params["minutes"] - 4) ** 2 / 25


again = optimize(at_once, space, n_iter=120, seed=0, n_jobs=1)
print(f"The same individuals: {[a.params for a in again.history] == [b.params for b in result.history]}")

# %%
# Ten calls wait at a time, from the first to the last.

fig, ax = plt.subplots(figsize=(8, 6), layout="constrained")
plot_timeline(result, ax=ax)
fig.savefig("async_function.png", dpi=120)
