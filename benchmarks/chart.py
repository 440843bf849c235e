"""Draw the table of docs/benchmarks.md that compares searches on cross-validation tasks.

python benchmarks/chart.py
"""

import re
from pathlib import Path

import matplotlib.pyplot as plt

DOCS = Path(__file__).resolve().parents[1] / "docs"
BUDGETS = 25, 50, 100, 200
STYLES = {
    "random search": ("random search", "#777777", ":"),
    "GeneticPy": ("GeneticPy, size=20, 5 seeds", "#CC79A7", "-."),
    "SMAC3, 2 seeds": ("SMAC3, 2 seeds", "#D55E00", "-."),
    "hyperopt": ("hyperopt TPE, 5 seeds", "#009E73", "--"),
    "Optuna, GPSampler": ("Optuna GPSampler, 2 to 4 seeds", "#56B4E9", "--"),
    "Optuna, TPE": ("Optuna TPESampler", "#E69F00", "--"),
    "geneticsearch": ("**geneticsearch**", "#0072B2", "-"),
}
"""Label, row of the table, color and line of each search."""


def ratios(text, name):
    """Return the first column of a row: regrets relative to random search, one for each budget."""
    row = re.search(rf"^\| {re.escape(name)} \| ([\d., ]+) \|", text, flags=re.MULTILINE)
    return [float(number) for number in row.group(1).split(",")]


def main():
    text = (DOCS / "benchmarks.md").read_text().split("### Cross-validation")[1]
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for label, (name, color, line) in STYLES.items():
        values = ratios(text, name)
        width = 3 if label == "geneticsearch" else 1.6
        ax.plot(
            BUDGETS[: len(values)], values, line, marker="o", markersize=4, color=color, linewidth=width, label=label
        )
    ax.set(xscale="log", ylim=(0, 1.2), xlabel="candidates", ylabel="regret, relative to random search")
    ax.set_xticks(BUDGETS, [str(budget) for budget in BUDGETS])
    ax.minorticks_off()
    ax.grid(alpha=0.3)
    ax.set_title("Distance to the best score found, on 16 tasks (lower is better)", fontsize="medium")
    fig.legend(loc="outside right center", frameon=False, fontsize="small")
    fig.savefig(DOCS / "_static" / "benchmarks.png", dpi=130)


if __name__ == "__main__":
    main()
