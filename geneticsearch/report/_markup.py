"""Elements of a page, and values in words."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from geneticsearch.results import History, corrected_score
from geneticsearch.space import short


def _element(tag: str, *children: Element | str | None, **attributes: str | None) -> Element:
    """Return an element of a page. Texts in it are escaped when it is written, whatever they hold."""
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    made = Element(tag, {names[name]: value for name, value in attributes.items() if value is not None})
    for child in children:
        if isinstance(child, Element):
            made.append(child)
        elif child is not None and len(made):
            made[-1].tail = (made[-1].tail or "") + child
        elif child is not None:
            made.text = (made.text or "") + child
    return made


def _in_words(value: Any, exact: bool = False) -> str:
    """Return a value on one line; numbers are rounded and texts bare, unless it shall be exact."""
    if exact and isinstance(value, str):
        return repr(value)
    return short(value, 500, digits=None if exact else 6)


def _in_time(seconds: float) -> str:
    """Return a duration in words."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _in_utc(seconds: float) -> str:
    """Return a time, in seconds since 1970, in words."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):  # a file may hold anything
        return f"{seconds:.6g} s after 1970"


def _cell(value: Any, unknown: str = "nan") -> Element:
    """Return a cell of a table; a fraction keeps all its digits for sorting, and `unknown` stands for NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return _element("td", _in_words(value))
    exact = repr(float(value)) if isinstance(value, float | np.floating) else None
    text = unknown if exact == "nan" else _in_words(value)
    return _element("td", text, class_="number", data_value=exact)


def _facts(name: str, facts: Mapping[str, str | Element]) -> Element:
    """Return a table of two columns."""
    rows = [_element("tr", _element("th", of, scope="row"), _element("td", fact)) for of, fact in facts.items()]
    return _scroll(_element("table", _element("tbody", *rows), class_="facts"), name)


def _scroll(table: Element, name: str, class_: str = "scroll") -> Element:
    """Return a table that can be scrolled where it is wider than the page, by the keyboard too."""
    return _element("div", table, class_=class_, tabindex="0", role="region", aria_label=name)


def _listed(numbers: tuple[int, ...], separator: str, linked: Container[int]) -> Iterator[Element]:
    """Yield numbers of candidates, with links to their rows."""
    for k, number in enumerate(numbers):
        is_last = k == len(numbers) - 1
        one = _element("a" if number in linked else "span", str(number))
        if number in linked:
            one.set("href", f"#candidate-{number}")
        one.tail = "" if is_last else separator
        yield one


def _score_in_words(history: History) -> str:
    """Return the best score and its metric."""
    return f"{history.metric} {history.scores[history.ranking[0]]:.4g}"


def _spread_in_words(history: History) -> str:
    """Return of how many folds the best score is the mean, how they differ, and what it is worth without luck."""
    if history.folds is None:
        return ""
    folds = history.folds[history.ranking[0]]
    spread = f", a mean over {len(folds)} folds from {folds.min():.4g} to {folds.max():.4g}"
    corrected = corrected_score(history)
    if corrected is None or not corrected.error:
        return spread
    return f"{spread}; corrected for the choice {corrected.value:.4g} ± {corrected.error:.2g}"


def _portfolio_in_words(history: History) -> str:
    """Return how many candidates came from the portfolio, and whether the best did."""
    n = sum(one.origin == "portfolio" for one in history.individuals)
    if not n or history.best is None:
        return ""
    return f"{n}, {'the best' if history.best.origin == 'portfolio' else 'not the best'} among them"


def _count_in_words(history: History) -> str:
    """Return how many candidates there are."""
    n_failed = int(history.failed.sum())
    parts = [f"{n_failed} failed"] * (n_failed > 0) + [history.savings] * bool(history.savings)
    of_which = f" (of which {' and '.join(parts)})" if parts else ""
    return f"{len(history.individuals)}{of_which}"
