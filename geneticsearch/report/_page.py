"""A search as a web page of its own."""

from __future__ import annotations

import base64
import inspect
import io
import json
import math
import os
import re
import secrets
import warnings
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

import numpy as np

from geneticsearch import plots
from geneticsearch.checkpoint import Checkpoint, plain, versions
from geneticsearch.evolution import Individual
from geneticsearch.results import History, advise, history_of, label, species_table

MAX_ROWS = 2000
"""The table has no more candidates than these, the best ones."""

MAX_POINTS = 500
"""With more candidates, pictures are made of pixels, and the small one in a notebook shows some only."""


@dataclass(frozen=True)
class Picture:
    """A picture in the report.

    Attributes
    ----------
    plot : callable
        A function of `geneticsearch.plots`, which takes an Axes or a figure.
    name : str
        What it is.
    caption : str
        What to see in it.
    by_candidate : bool, default=False
        Whether it has a point for each candidate, with its number on the horizontal axis.
    wide : bool, default=False
        Whether it is as wide as the page, as those are that have many columns.
    is_needed : callable
        Whether there is anything to see, for a `History`.
    """

    plot: Callable[..., Any]
    name: str
    caption: str
    by_candidate: bool = False
    wide: bool = False
    is_needed: Callable[[History], bool] = lambda history: True


PICTURES = [
    Picture(
        plots.plot_progress,
        "Scores of all candidates",
        "Whether the search still improved when it ended.",
        by_candidate=True,
        wide=True,
    ),
    Picture(
        partial(plots.plot_progress, x="time"),
        "Scores over time",
        "How long improvements took; time in which nothing was evaluated is cut out.",
        is_needed=lambda history: bool(np.isfinite(history.starts + history.durations).any()),
    ),
    Picture(plots.plot_genealogy, "Ancestors of the best candidate", "How the best one came about.", by_candidate=True),
    Picture(
        plots.plot_species,
        "Species among the candidates",
        "Which structures it tried, and which one took over.",
        is_needed=lambda history: len({one.species for one in history.individuals}) > 1,
    ),
    Picture(
        plots.plot_importance,
        "Importance of the parameters",
        "Which parameters the score depends on, and how sure that is.",
    ),
    Picture(
        plots.plot_parameters,
        "Parameters of all candidates",
        "Where each parameter settled: in the middle of its range, or at an edge that could be moved.",
        by_candidate=True,
    ),
    Picture(
        plots.plot_parallel_coordinates,
        "Parameters of each candidate",
        "Which values go together in the best candidates.",
        wide=True,
    ),
    Picture(
        plots.plot_landscape,
        "Predicted score over two parameters",
        "What score to expect: a ridge between them, several good places, places not yet looked at.",
    ),
    Picture(
        plots.plot_folds,
        "Scores of the best candidates on each fold",
        "Whether they differ by more than the folds do.",
        is_needed=lambda history: history.folds is not None,
    ),
]


def write_report(source: Any, path: str | os.PathLike[str]) -> Path:
    """Write a web page about a search: one file that needs no network.

    It has a summary, what is worth knowing about the results, pictures, the ancestors of the best candidate and a table
    of all candidates, or of the best 2000. A click on a column sorts the table; in the pictures that have a point for
    each candidate, the one under the pointer is described, and marked in the others too together with its parents.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result, or a checkpoint, whose search may still be running.
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
    page = _page(source)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        unfinished.write_bytes(page)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


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


def _in_words(value: Any, exact: bool = False, depth: int = 4) -> str:
    """Return a value as a text of one line; numbers are rounded unless it shall be exact."""
    if depth and isinstance(value, list | tuple) and len(value) <= 100:
        return f"[{', '.join(_in_words(one, exact, depth - 1) for one in value)}]"
    shown = plain(value)
    if isinstance(shown, float):
        return repr(shown) if exact else f"{shown:.6g}"
    text = repr(shown) if exact and isinstance(value, str) else str(shown)
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", text)  # where an object lies in memory tells nobody anything


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
    except (OverflowError, OSError, ValueError):  # a file may say anything
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


def _flat(params: Mapping[Any, Any], depth: int = 4) -> Iterator[tuple[str, Any]]:
    """Yield parameters by name; those inside of dicts too, as `outer.inner`."""
    for name, value in params.items():
        if isinstance(value, Mapping) and value and depth:
            for inner, one in _flat(value, depth - 1):
                yield f"{name}.{inner}", one
        else:
            yield str(name), value


def _page(source: Any) -> bytes:
    """Return the whole page."""
    stored = Checkpoint(source) if isinstance(source, str | os.PathLike) else None
    history = history_of(source if stored is None else stored)
    title = _title(source)
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
        _element("title", title),
        _element("link", rel="icon", href="data:,"),
        _element("style", style),
    )
    sections = [*_summary(source, stored, history), *_pictures(history), *_lineage(history), *_candidates(history)]
    body = _element("body", _element("main", _element("h1", title), *sections), _element("script", script))
    page = tostring(_element("html", head, body, lang="en"), encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{page}\n".encode("utf-8", "xmlcharrefreplace")  # of half a surrogate pair, too


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _title(source: Any) -> str:
    if hasattr(source, "estimator"):
        return f"Search of {label(source.estimator)}"
    return "Search of a function" if hasattr(source, "history") else f"Search in {Path(source).name}"


def _summary(source: Any, stored: Checkpoint | None, history: History) -> Iterator[Element]:
    """Yield what was found, what is worth knowing about it, and what was searched."""
    best = _best(history)
    if best is None:
        yield _element("p", "All candidates failed.", class_="best")
    else:
        yield _element("p", "Best score: ", _element("strong", _score(history)), class_="best")
    advice = _advice(source, history)
    if advice:
        yield _element("h2", "Worth knowing")
        yield _element("ul", *[_element("li", sentence) for sentence in advice], class_="advice")
    if best is not None:
        yield _element("h2", "Best parameters")
        params = {name: _element("code", _in_words(value, exact=True)) for name, value in _flat(best.params)}
        yield _facts("Best parameters", params)
    yield _element("h2", "Summary")
    yield _facts("Summary", _what_happened(source, stored, history))
    settings = _settings(source) if stored is None else _stored_settings(stored)
    details = _facts("Space and settings", {name: _element("code", text) for name, text in settings.items()})
    yield _element("details", _element("summary", "Space and settings"), details)
    table = species_table(history.individuals, history.maximize)
    if len(table["species"]) > 1:
        yield _element("h2", "Species")
        yield _species(table)


def _best(history: History) -> Individual | None:
    ranking = history.ranking
    return history.individuals[ranking[0]] if len(ranking) else None


def _score(history: History) -> str:
    """Return the best score in words, with its standard deviation over folds."""
    best = history.ranking[0]
    spread = "" if history.folds is None else f" ± {history.folds[best].std():.2g} over {history.folds.shape[1]} folds"
    return f"{history.scores[best]:.6g}{spread}"


def _count(history: History) -> str:
    """Return how many candidates there are."""
    n_failed = int((~np.isfinite(history.scores)).sum())
    return f"{len(history.individuals)}{f' (of which {n_failed} failed)' if n_failed else ''}"


def _advice(source: Any, history: History) -> list[str]:
    for name in "advice_", "advice":
        if hasattr(source, name):
            return list(getattr(source, name))
    return advise(history, is_complete=False)


def _stop_reason(source: Any) -> str | None:
    reason: str | None = getattr(source, "stop_reason_", getattr(source, "stop_reason", None))
    return reason


def _what_happened(source: Any, stored: Checkpoint | None, history: History) -> dict[str, str | Element]:
    """Return the numbers of the whole search."""
    facts: dict[str, str | Element] = {}
    if hasattr(source, "estimator"):
        facts["estimator"] = _element("code", _in_words(source.estimator))
    best = _best(history)
    if best is not None:
        facts["best candidate"] = f"number {best.number}, {best.origin}"
    chosen = getattr(source, "best_index_", None)
    if best is not None and chosen is not None and chosen != best.number:
        facts["chosen by refit"] = f"number {chosen}"
    facts["candidates"] = _count(history)
    facts["scores are"] = "maximized" if history.maximize else "minimized"
    facts["ended by"] = _stop_reason(source) or "unknown: a checkpoint does not tell whether its search is running"
    starts, durations = history.starts, history.durations
    known = np.isfinite(starts) & np.isfinite(durations)
    if known.any():
        begin, end = starts[known].min(), (starts + durations)[known].max()
        facts["begin"] = _in_utc(begin)
        facts["time"] = f"{_in_time(end - begin)} from begin to end, {_in_time(durations[known].sum())} of evaluations"
    if hasattr(source, "refit_time_"):
        facts["refit"] = _in_time(source.refit_time_)
    found = versions() if stored is None else stored.header.versions
    facts["versions"] = ", ".join(f"{name} {_in_words(version)}" for name, version in found.items())
    return facts


def _settings(source: Any) -> dict[str, str]:
    """Return what was searched, and the settings of the search that are not the default ones."""
    space = source.param_distributions if hasattr(source, "param_distributions") else source.param_space
    is_one = isinstance(space, Mapping)
    settings = {
        str(name) if is_one else f"{name} [{k}]": _in_words(values, exact=True)
        for k, alternative in enumerate([space] if is_one else space)
        for name, values in alternative.items()
    }
    if hasattr(source, "get_params"):
        signature = inspect.signature(type(source)).parameters
        for name, value in source.get_params(deep=False).items():
            text, default = (_in_words(one, exact=True) for one in (value, signature[name].default))
            if name not in ("estimator", "param_distributions") and text != default:
                settings[name] = text
    return settings


def _stored_settings(stored: Checkpoint) -> dict[str, str]:
    """Return what was searched, and the settings of the search, as far as its checkpoint knows."""
    return {name: one.text for name, one in stored.header.identity.items() if not name.endswith(", as a whole")}


def _species(table: Mapping[str, np.ndarray]) -> Element:
    counts = [_element("th", name, scope="col", class_="number") for name in ("candidates", "failed", "best score")]
    head = _element("tr", _element("th", "species", scope="col"), *counts)
    columns = zip(table["species"], table["n_evaluations"], table["n_failed"], table["best_score"], strict=True)
    rows = [_element("tr", *map(_cell, row)) for row in columns]
    return _scroll(_element("table", _element("thead", head), _element("tbody", *rows)), "Species")


def _pictures(history: History) -> Iterator[Element]:
    yield _element("h2", "Pictures")
    shown = _in_table(history)
    drawn = [_drawn(picture, history, shown) for picture in PICTURES if picture.is_needed(history)]
    yield _element("div", *drawn, class_="pictures")


def _drawn(picture: Picture, history: History, shown: Container[int]) -> Element:
    """Return a picture as an image; on top, for the script to draw on, an empty one that tells where candidates are."""
    try:
        import matplotlib.style
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError('a report needs matplotlib: pip install "geneticsearch[plots]"') from None
    kind = "svg" if len(history.individuals) <= MAX_POINTS else "png"
    written = io.BytesIO()
    # The same search gives the same page, and no style that the user has set is meant for it.
    with matplotlib.style.context(["default", {"svg.hashsalt": "geneticsearch"}]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that the font does not have
        figure: Any = Figure(figsize=(8, 4.5), layout="constrained")
        if "ax" in inspect.signature(picture.plot).parameters:
            picture.plot(history, ax=figure.subplots())
        else:
            picture.plot(history, figure=figure)
            n_rows, n_columns = figure.axes[0].get_gridspec().get_geometry()
            figure.set_size_inches(3.4 * n_columns + 0.6, 2.3 * n_rows + 0.7)
        figure.savefig(written, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    media = {"svg": "image/svg+xml", "png": "image/png"}[kind]
    data = f"data:{media};base64,{base64.b64encode(written.getvalue()).decode()}"
    image = _element("img", src=data, alt=f"{picture.name}. {picture.caption}")
    inside = _element("div", image, _marks(figure, shown) if picture.by_candidate else None)
    is_wide = picture.wide or figure.get_figwidth() > 8
    return _element(
        "figure",
        _element("div", inside, class_="picture"),
        _element("figcaption", picture.caption),
        class_="wide" if is_wide else None,
    )


def _marks(figure: Any, shown: Container[int]) -> Element:
    """Return an empty picture of the size of another, with the places of candidates in it as [number, axes, x, y]."""
    width, height = figure.get_size_inches() * 100
    points = {}
    for k, ax in enumerate(figure.axes):
        for scatter in ax.collections:
            offsets = np.ma.filled(scatter.get_offsets(), np.nan)
            places = scatter.get_offset_transform().transform(offsets) / figure.bbox.size
            for number, (x, y) in zip(offsets[:, 0], places, strict=True):
                if number in shown and math.isfinite(x + y):
                    points[int(number), k] = [int(number), k, round(x * width, 1), round((1 - y) * height, 1)]
    attributes = {
        "viewBox": f"0 0 {width:g} {height:g}",
        "data-points": json.dumps(sorted(points.values()), separators=(",", ":")),
        "role": "group",
        "aria-label": "Candidates: left and right go from one to the next, Enter to its row in the table.",
    }
    return Element("svg", attributes)


def _lineage(history: History) -> Iterator[Element]:
    """Yield how the best candidate came about: from each to the better of its parents, back to one that has none."""
    best = _best(history)
    if best is None:
        return
    individuals = {one.number: one for one in history.individuals}
    fitness = dict(zip(individuals, history.fitness.tolist(), strict=True))
    line = [best]
    # A file may say anything; parents of lower numbers cannot go round in a circle.
    while parents := [number for number in line[-1].parents if number in fitness and number < line[-1].number]:
        line.append(individuals[max(parents, key=lambda number: fitness[number])])
    shown = _in_table(history)
    steps = [_step(child, parent, shown) for child, parent in zip(line, [*line[1:], None], strict=True)]
    yield _element("h2", "How the best one came about")
    yield _element("p", "The line of the better parents; changes are those from the one above.", class_="faint")
    yield _element("ol", *reversed(steps), class_="lineage")


def _step(child: Individual, parent: Individual | None, shown: Container[int]) -> Element:
    """Return one candidate of a lineage, and what is different from its parent."""
    before = {} if parent is None else {name: _in_words(value) for name, value in _flat(parent.params)}
    after = {name: _in_words(value) for name, value in _flat(child.params)}
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
        assert child.score is not None  # a history has only those that have one
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
    failed = np.setdiff1d(np.arange(len(history.individuals)), history.ranking)
    return {history.individuals[i].number: i for i in np.concatenate([history.ranking, failed])[:MAX_ROWS].tolist()}


def _candidates(history: History) -> Iterator[Element]:
    """Yield the table of candidates, best first."""
    shown = _in_table(history)
    order = list(shown.values())
    individuals = [history.individuals[i] for i in order]
    params = [dict(_flat(one.params)) for one in individuals]
    starts, durations = history.starts, history.durations
    begin = np.nanmin(starts) if np.isfinite(starts).any() else math.nan
    columns = [("score", [_cell(score, "failed") for score in history.scores[order]])]
    if history.folds is not None:
        columns.append(("± over folds", [_cell(spread, "") for spread in history.folds[order].std(axis=1)]))
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


def _listed(numbers: tuple[int, ...], separator: str, linked: Container[int]) -> Iterator[Element]:
    """Yield numbers of candidates, with links to their rows."""
    for k, number in enumerate(numbers):
        is_last = k == len(numbers) - 1
        one = _element("a" if number in linked else "span", str(number))
        if number in linked:
            one.set("href", f"#candidate-{number}")
        one.tail = "" if is_last else separator
        yield one


CARD_STYLE = """
.geneticsearch { margin: 0 0 1em; padding: 0.5em 1em; max-width: 50em; border: 1px solid rgb(128 128 128 / 50%);
  border-radius: 6px; font-family: system-ui, sans-serif; font-size: 13px; line-height: 1.5; }
.geneticsearch p { margin: 0.25em 0; }
.geneticsearch svg { display: block; width: 100%; height: 80px; margin: 0.5em 0; }
.geneticsearch code { margin-right: 1em; background: none; color: inherit; overflow-wrap: anywhere; }
"""


def card(source: Any) -> str:
    """Return a fitted search or a result as a small piece of a web page; nothing if there is nothing to show.

    A notebook shows it, so it raises nothing.
    """
    try:
        return tostring(_card(source), encoding="unicode", method="html")
    except Exception:
        return ""


def _card(source: Any) -> Element:
    history = history_of(source)
    counts = f"{_count(history)} candidates; ended by {_stop_reason(source)}"
    best = _best(history)
    if best is None:
        return _element("div", _element("style", CARD_STYLE), _element("p", counts), class_="geneticsearch")
    shown = [f"{name} = {_in_words(value)[:60]}" for name, value in list(_flat(best.params))[:20]]
    advice = _advice(source, history)
    return _element(
        "div",
        _element("style", CARD_STYLE),
        _element("p", f"{_title(source)}: ", _element("strong", _score(history)), f", the best of {counts}"),
        _element("p", *[_element("code", text) for text in shown]),
        _sparkline(history),
        _element("p", advice[0]) if advice else None,
        class_="geneticsearch",
    )


def _sparkline(history: History) -> Element:
    """Return a small picture of the progress; scores far worse than most are at its edge."""
    fitness = history.fitness
    best = np.maximum.accumulate(fitness)
    known = np.flatnonzero(np.isfinite(fitness))
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
