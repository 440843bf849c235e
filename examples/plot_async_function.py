"""
An async function: many calls at once
=====================================

Some functions only wait: for a service, an instrument, another machine. Coroutines need no processes, so many calls can
wait at the same time, and the seed still determines the search.
"""

import asyncio
import time

import matplotlib.pyplot as plt
import numpy as np

from geneticsearch import UniformDistribution, optimize

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


again = optimize(at_once, space, n_iter=120, seed=0, n_jobs=1, window=50)
print(f"The same individuals: {[a.params for a in again.history] == [b.params for b in result.history]}")

# %%
# Each line is a call. The first ten spread over the space and run all at once. After that, the search makes only a few
# calls at a time, because each result matters while there are few; later, it makes up to ten calls at a time.

began, ended = np.array(sorted(calls)).T - min(calls)[0]
moments = np.linspace(0, ended.max(), 400)
under_way = [np.sum((began <= moment) & (moment < ended)) for moment in moments]

fig, (above, below) = plt.subplots(2, 1, figsize=(8, 6), height_ratios=[3, 1], sharex=True, layout="constrained")
above.hlines(np.arange(1, len(calls) + 1), began, ended, color="#0072B2", linewidth=2)
above.set(ylabel="call", title="When each call began and ended", ylim=(len(calls) + 1, 0))
below.step(moments, under_way, color="#D55E00")
below.set(xlabel="seconds", ylabel="calls under way", ylim=(0, 11))
fig.savefig("async_function.png", dpi=120)
