"""A search as a web page in one file."""

from __future__ import annotations

import base64
import math
import os
import secrets
from collections.abc import Container, Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

import numpy as np

from geneticsearch.evolution import Individual
from geneticsearch.report._markup import (
    _cell,
    _count_in_words,
    _element,
    _facts,
    _in_time,
    _in_utc,
    _in_words,
    _listed,
    _portfolio_in_words,
    _score_in_words,
    _scroll,
    _spread_in_words,
)
from geneticsearch.report._pictures import _pictures
from geneticsearch.results import History, certainty, history_of, species_table
from geneticsearch.space import cut, flatten

MAX_CODE = 500
"""Characters of a value."""

MAX_ROWS = 2000
"""The table has no more candidates than these, the best."""


def write_report(source: Any, path: str | os.PathLike[str]) -> Path:
    """Write a web page about a search: one file that needs no network.

    The page has a summary, advice, pictures, the ancestors of the best candidate and a table of all candidates, or of
    the best 2000. Clicking a column sorts the table. Pointing at a candidate in a picture describes it and marks it,
    with its parents, in the other pictures.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search (also one of scikit-learn), a result of `optimize`, or the path of a checkpoint, whose search
        may still be running.
    path : str or path-like
        The file to write, such as ``"search.html"``. It is replaced if it exists, once the page is complete.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError, TypeError
        If there is no evaluated candidate, or `source` is none of these.
    ImportError
        If matplotlib is not installed.

    See Also
    --------
    GeneticSearchCV.report, OptimizeResult.report : The same for what they are called on.

    Examples
    --------
    >>> import os, tempfile
    >>> from geneticsearch import UniformDistribution, optimize, write_report
    >>> checkpoint = os.path.join(tempfile.mkdtemp(), "search.db")
    >>> space = {"x": UniformDistribution(-1, 1)}
    >>> result = optimize(lambda params: params["x"] ** 2, space, n_iter=20, seed=0, checkpoint=checkpoint)
    >>> write_report(checkpoint, checkpoint + ".html").name
    'search.db.html'
    """
    path = Path(path)
    page = _page(history_of(source))
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        unfinished.write_bytes(page)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _page(history: History) -> bytes:
    """Return the whole page."""
    style, script = (
        files("geneticsearch.report").joinpath(f"report.{kind}").read_text("utf-8") for kind in ("css", "js")
    )
    policy = (
        f"default-src 'none'; img-src data:; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    head = _element(
        "head",
        _element("meta", charset="utf-8"),
        Element("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
        _element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _element("title", history.title),
        _element("link", rel="icon", href="data:,"),
        _element("style", style),
    )
    shown = _in_table(history)
    sections = [
        *_summary(history),
        *_pictures(history, shown),
        *_lineage(history, shown),
        *_candidates(history, shown),
    ]
    body = _element("body", _element("main", _element("h1", history.title), *sections), _element("script", script))
    page = tostring(_element("html", head, body, lang="en"), encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{page}\n".encode("utf-8", "xmlcharrefreplace")  # of half a surrogate pair, too


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _summary(history: History) -> Iterator[Element]:
    """Yield the result, advice on it, and what was searched."""
    best = history.best
    if best is None:
        yield _element("p", "All candidates failed.", class_="best")
    else:
        yield _element(
            "p", "Best ", _element("strong", _score_in_words(history)), _spread_in_words(history), class_="best"
        )
    yield _element("p", "; ".join(_budget_in_words(history)), class_="faint")
    if history.advice:
        yield _element("h2", "Worth knowing")
        yield _element("ul", *[_element("li", sentence) for sentence in history.advice], class_="advice")
    if best is not None:
        yield _element("h2", "How sure is this?")
        yield _element("ul", *[_element("li", sentence) for sentence in certainty(history)])
        chosen = best if history.chosen is None else history.individuals[history.chosen]
        heading = "Best parameters" if chosen is best else f"Parameters that refit chose: candidate {chosen.number}"
        yield _element("h2", heading)
        params = flatten(chosen.params).items()
        yield _facts(heading, {name: _element("code", _in_words(value, exact=True)) for name, value in params})
        yield _element("p", "To copy (a click selects all of it):", class_="faint")
        yield _element("pre", _element("code", _as_code(chosen.params)), class_="copy", tabindex="0")
    yield _element("h2", "Summary")
    yield _facts("Summary", _what_happened(history))
    details = {name: _element("code", text) for name, text in history.settings.items()}
    name = "Space and settings"
    yield _element("details", _element("summary", name), _facts(name, details))
    table = species_table(history)
    if len(table["species"]) > 1:
        yield _element("h2", "Species")
        yield _species(table)


def _budget_in_words(history: History) -> Iterator[str]:
    """Yield what the search was given and took."""
    most = "up to " if history.savings else ""
    fits = "" if history.folds is None else f" of {most}{history.folds.shape[1]} fits each"
    yield f"{_count_in_words(history)} candidates{fits}"
    if history.data is not None:
        yield history.data
    ends = history.starts + history.durations
    if np.isfinite(ends).any():
        yield _in_time(float(np.nanmax(ends) - np.nanmin(history.starts)))
    if history.stop_reason is not None:
        yield f"ended by {history.stop_reason}"


def _as_code(params: Mapping[str, Any]) -> str:
    """Return parameters as an expression, as far as the values have one."""
    rows = [f"    {name!r}: {_as_expression(value)},\n" for name, value in params.items()]
    return f"best_params = {{\n{''.join(rows)}}}"


def _as_expression(value: Any) -> str:
    """Return a value as code, or the text that stands for it where it has none."""
    value = value.item() if isinstance(value, np.generic) else value
    try:
        return cut(" ".join(repr(value).split()), MAX_CODE)
    except Exception:  # a `repr` may do anything
        return type(value).__name__


def _what_happened(history: History) -> dict[str, str | Element]:
    """Return the numbers of the whole search."""
    facts: dict[str, str | Element] = {}
    if "estimator" in history.settings:
        facts["estimator"] = _element("code", history.settings["estimator"])
    best = history.best
    if best is not None:
        facts["best candidate"] = f"number {best.number}, {best.origin}"
        if history.chosen is not None and history.individuals[history.chosen] is not best:
            facts["chosen by refit"] = f"number {history.numbers[history.chosen]}"
    facts["candidates"] = _count_in_words(history)
    if portfolio := _portfolio_in_words(history):
        facts["candidates of the portfolio"] = portfolio
    facts["metric"] = f"{history.metric}, {'maximized' if history.maximize else 'minimized'}"
    facts["ended by"] = history.stop_reason or "unknown; the search may still be running"
    starts, durations = history.starts, history.durations
    known = np.isfinite(starts) & np.isfinite(durations)
    if known.any():
        begin, end = starts[known].min(), (starts + durations)[known].max()
        facts["begin"] = _in_utc(begin)
        facts["time"] = f"{_in_time(end - begin)} from begin to end, {_in_time(durations[known].sum())} of evaluations"
    if history.refit_time is not None:
        facts["refit"] = _in_time(history.refit_time)
    facts["versions"] = ", ".join(f"{name} {version}" for name, version in history.versions.items())
    return facts


def _species(table: Mapping[str, np.ndarray]) -> Element:
    counts = [_element("th", name, scope="col", class_="number") for name in ("candidates", "failed", "best score")]
    head = _element("tr", _element("th", "species", scope="col"), *counts)
    columns = zip(table["species"], table["n_evaluations"], table["n_failed"], table["best_score"], strict=True)
    rows = [_element("tr", *map(_cell, row)) for row in columns]
    return _scroll(_element("table", _element("thead", head), _element("tbody", *rows)), "Species")


def _lineage(history: History, shown: Container[int]) -> Iterator[Element]:
    """Yield how the best candidate came about: from each to the better of its parents, back to one without parents."""
    best = history.best
    if best is None:
        return
    individuals = {one.number: one for one in history.individuals}
    fitness = dict(zip(individuals, history.fitness.tolist(), strict=True))
    line = [best]
    # A file may hold anything; parents of lower numbers cannot form a circle.
    while parents := [number for number in line[-1].parents if number in fitness and number < line[-1].number]:
        line.append(individuals[max(parents, key=lambda number: fitness[number])])
    steps = [_step(child, parent, shown) for child, parent in zip(line, [*line[1:], None], strict=True)]
    yield _element("h2", "How the best candidate came about")
    yield _element("p", "The line of the better parents; changes are from the candidate above.", class_="faint")
    yield _element("ol", *reversed(steps), class_="lineage")


def _step(child: Individual, parent: Individual | None, shown: Container[int]) -> Element:
    """Return one candidate of a lineage, and what is different from its parent."""
    before = {} if parent is None else {name: _in_words(value) for name, value in flatten(parent.params).items()}
    after = {name: _in_words(value) for name, value in flatten(child.params).items()}
    changes = []
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old != new:
            change = _element("li", _element("bdi", name), ": ")
            if parent is not None:
                change.extend([_element("code", old or "none"), _element("span", " → ")])
            change.append(_element("code", new or "none"))
            changes.append(change)
    gain = ""
    if parent is not None:
        assert child.score is not None  # which all individuals of a history have
        assert parent.score is not None
        gain = f" ({child.score - parent.score:+.3g})"
    return _element(
        "li",
        _element("strong", "candidate ", *_listed((child.number,), "", shown)),
        f", {child.origin}",
        " of " if child.parents else None,
        *_listed(child.parents, " and ", shown),
        f": {child.score:.6g}{gain}",
        _element("ul", *changes) if changes else None,
    )


def _in_table(history: History) -> dict[int, int]:
    """Return the numbers of the candidates that have a row, best first, and their indices."""
    order = np.concatenate([history.ranking, np.flatnonzero(history.failed)])
    return {history.individuals[i].number: i for i in order[:MAX_ROWS].tolist()}


def _candidates(history: History, shown: Mapping[int, int]) -> Iterator[Element]:
    """Yield the table of candidates, best first."""
    order = list(shown.values())
    individuals = [history.individuals[i] for i in order]
    params = [flatten(one.params) for one in individuals]
    starts, durations = history.starts, history.durations
    begin = np.nanmin(starts) if np.isfinite(starts).any() else math.nan
    columns = [("score", [_cell(score, "failed") for score in history.scores[order]])]
    if history.folds is not None:
        columns.append(("± over folds", [_cell(spread, "") for spread in history.folds[order].std(axis=1)]))
    if history.savings and history.folds is not None:
        columns.append(("folds run", [_cell(int(n)) for n in history.folds.shape[1] - history.n_skipped[order]]))
    for name in dict.fromkeys(name for one in params for name in one):
        columns.append((name, [_cell(one[name]) if name in one else _element("td") for one in params]))
    if len({one.species for one in individuals}) > 1:
        columns.append(("species", [_cell(one.species) for one in individuals]))
    columns += [
        ("origin", [_cell(one.origin) for one in individuals]),
        ("parents", [_element("td", *_listed(one.parents, ", ", shown)) for one in individuals]),
        ("generation", [_cell(one.generation) for one in individuals]),
        ("start in s", [_cell(start, "") for start in starts[order] - begin]),
        ("duration in s", [_cell(duration, "") for duration in durations[order]]),
    ]
    head = _element("tr", _element("th", "candidate", scope="col", class_="number"))
    for name, cells in columns:
        class_ = "number" if any("class" in cell.attrib for cell in cells) else None
        head.append(_element("th", name, scope="col", class_=class_))
    head[1].set("aria-sort", "descending" if history.maximize else "ascending")
    rows = []
    for one, *cells in zip(individuals, *[cells for _, cells in columns], strict=True):
        number = _element("th", str(one.number), scope="row", class_="number")
        parents = " ".join(map(str, one.parents))
        rows.append(_element("tr", number, *cells, id=f"candidate-{one.number}", data_parents=parents))
    n = len(history.individuals)
    yield _element("h2", "Candidates")
    yield _element("p", f"{'All' if n <= MAX_ROWS else f'The best {MAX_ROWS} of'} {n}, best first.", class_="faint")
    table = _element("table", _element("thead", head), _element("tbody", *rows))
    yield _scroll(table, "Candidates", class_="scroll candidates")
