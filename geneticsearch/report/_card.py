"""A search as a small piece of a web page, for notebooks."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element, tostring

import numpy as np

from geneticsearch.report._markup import (
    _count_in_words,
    _element,
    _portfolio_in_words,
    _score_in_words,
    _spread_in_words,
)
from geneticsearch.results import History
from geneticsearch.space import flatten, short

MAX_POINTS = 500
"""The small picture shows no more candidates than these."""

CARD_STYLE = """
.geneticsearch { margin: 0 0 1em; padding: 0.5em 1em; max-width: 50em; border: 1px solid rgb(128 128 128 / 50%);
  border-radius: 6px; font-family: system-ui, sans-serif; font-size: 13px; line-height: 1.5; }
.geneticsearch p { margin: 0.25em 0; }
.geneticsearch svg { display: block; width: 100%; height: 80px; margin: 0.5em 0; }
.geneticsearch code { margin-right: 1em; background: none; color: inherit; overflow-wrap: anywhere; }
"""


def card(history: History) -> str:
    """Return a search as a small piece of a web page."""
    return tostring(_card(history), encoding="unicode", method="html")


def _card(history: History) -> Element:
    counts = f"{_count_in_words(history)} candidates; ended by {history.stop_reason or 'unknown'}"
    best = history.best
    if best is None:
        return _element("div", _element("style", CARD_STYLE), _element("p", counts), class_="geneticsearch")
    portfolio = _portfolio_in_words(history)
    shown = [f"{name} = {short(value)}" for name, value in list(flatten(best.params).items())[:20]]
    return _element(
        "div",
        _element("style", CARD_STYLE),
        _element(
            "p",
            f"{history.title}: ",
            _element("strong", _score_in_words(history)),
            f"{_spread_in_words(history)}; the best of {counts}",
            f"; from the portfolio: {portfolio}" if portfolio else None,
        ),
        _element("p", *[_element("code", text) for text in shown]),
        _sparkline(history),
        *[_element("p", sentence) for sentence in history.advice[:1]],
        class_="geneticsearch",
    )


def _sparkline(history: History) -> Element:
    """Return a small picture of the progress; scores far worse than most are at its edge."""
    fitness = history.fitness
    best = np.fmax.accumulate(history.complete_fitness)
    known = np.flatnonzero(~history.failed)
    better = np.concatenate([known[:1], 1 + np.flatnonzero(best[1:] > best[:-1])])
    worst, top = np.quantile(fitness[known], 0.1), best[-1]
    height = 64 / (top - worst) if top > worst else 0.0
    x = np.round(5 + 590 * np.arange(len(fitness)) / max(1, len(fitness) - 1), 1)
    below = (top - np.clip(fitness, worst, top)) * height
    y = np.round(8 + below if history.maximize else 72 - below, 1)
    some = known[:: math.ceil(len(known) / MAX_POINTS)]
    points = " ".join(f"M{x[i]:g} {y[i]:g}h0" for i in np.union1d(some, better))
    line = f"M{x[better[0]]:g} {y[better[0]]:g}" + "".join(f"H{x[i]:g}V{y[i]:g}" for i in better) + f"H{x[-1]:g}"
    style = {"fill": "none", "stroke-linecap": "round"}
    return _element(
        "svg",
        Element("path", {**style, "d": points, "stroke": "currentColor", "stroke-width": "4", "opacity": "0.4"}),
        Element("path", {**style, "d": line, "stroke": "#d55e00", "stroke-width": "2"}),
        viewBox="0 0 600 80",
        preserveAspectRatio="xMinYMid",
        role="img",
        aria_label="Scores of all candidates, and the best so far",
    )
