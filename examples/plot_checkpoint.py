"""
Stop, crash, resume
===================

A search in its own process is killed twice. The same call then continues where it stopped, and the result equals that
of an uninterrupted search.
"""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from geneticsearch import load_history
from geneticsearch.plots import plot_progress

SCRIPT = """
import sys, time
from geneticsearch import LogUniformDistribution, optimize

def loss(params):
    time.sleep(0.02)
    return (params["x"] - 3) ** 2 + (params["y"] - 0.1) ** 2

space = {"x": LogUniformDistribution(0.01, 100), "y": LogUniformDistribution(0.01, 100)}
found = optimize(loss, space, n_iter=150, seed=0, checkpoint=sys.argv[1])
print(f"{found.best_score!r} at {found.best_params}")
"""

directory = Path(tempfile.mkdtemp())
script = directory / "search.py"
script.write_text(SCRIPT)
command = [sys.executable, str(script), str(directory / "killed.db")]


def n_recorded():
    try:
        return len(load_history(directory / "killed.db"))
    except FileNotFoundError:
        return 0


kills = []
for n in (40, 90):
    with subprocess.Popen(command) as process:
        while n_recorded() < n and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    kills.append(n_recorded())
    print(f"killed with {kills[-1]} evaluations in the file")

resumed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
whole = subprocess.run([*command[:2], str(directory / "whole.db")], check=True, capture_output=True, text=True).stdout
print(f"resumed:            {resumed}without interruption: {whole}")
assert resumed == whole

# %%
# The file can be read at any time. The picture shows the loss of each evaluation, and where the search was killed.

ax = plot_progress(directory / "killed.db")
for n in kills:
    ax.axvline(n - 0.5, color="#D55E00", linestyle="--", label="killed" if n == kills[0] else None)
ax.set(ylabel="loss", title="A search that was killed twice")
ax.legend(loc="lower left")
ax.figure.savefig("checkpoint.png", dpi=120)
