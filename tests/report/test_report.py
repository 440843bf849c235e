"""The report: a page of its own for every kind of search, whatever the names in it, and a card in notebooks."""

import base64
import functools
import html
import json
import re
import shutil
import subprocess
import sys
import time
from copy import copy
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from estimators import FLAT, HOSTILE, Formula, X, loss, search, y
from sklearn import config_context
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import estimator_html_repr

from geneticsearch import (
    Callback,
    GeneticSearchCV,
    UniformDistribution,
    optimize,
    write_report,
)

matplotlib = pytest.importorskip("matplotlib")

from geneticsearch.report import _page, _pictures  # noqa: E402
from geneticsearch.results import history_of  # noqa: E402

QUICK = ["search"]
SLOW = [
    *("flat search", "one candidate", "several metrics", "refit by a function", "randomized", "interrupted", "result"),
    *("one evaluation", "nested", "hostile", "checkpoint result", "checkpoint hostile", "checkpoint failed"),
]
NAMES = [*QUICK, *[pytest.param(name, marks=pytest.mark.slow) for name in SLOW]]


@pytest.fixture(autouse=True)
def few_forests(monkeypatch):
    monkeypatch.setattr("geneticsearch.plots._drawing.N_FORESTS", 2)
    monkeypatch.setattr("geneticsearch.plots._importance.N_FORESTS", 2)


@pytest.fixture(scope="module")
def reports(searches, tmp_path_factory):
    """Return a function that writes the report of a source, once."""
    place = tmp_path_factory.mktemp("reports")

    @functools.cache
    def report(name):
        return write_report(searches[name], place / f"{name}.html")

    return report


class Page(HTMLParser):
    """What is in a page."""

    VOID = ("meta", "link", "img")

    def __init__(self, path_or_text):
        super().__init__()
        self.elements = []
        self.texts = {}
        self._open = []
        self.feed(path_or_text if isinstance(path_or_text, str) else path_or_text.read_text(encoding="utf-8"))
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes)
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, text):
        self.texts.setdefault(self._open[-1] if self._open else "", []).append(text)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("name", NAMES)
def test_every_search_has_a_report(reports, name):
    settings = dict(matplotlib.rcParams)
    path = reports(name)
    assert path.stat().st_size < 1.5e6
    assert dict(matplotlib.rcParams) == settings
    page = Page(path)
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert all(one["alt"] and one["src"].startswith("data:image/svg+xml;base64,") for one in page.all("img"))
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(set(ids)) == len(ids) > 0
    assert {one["href"].removeprefix("#") for one in page.all("a")} <= set(ids)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_a_report_comes_from_elsewhere_or_is_run(reports, name):
    page = Page(reports(name))
    for _, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on") or key == "style"]
        for key in "src", "href", "action", "data":
            assert re.match(r"data:|#candidate-\d+$", attributes.get(key, "data:"))
    (policy,) = [one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy
    for tag in "style", "script":
        (content,) = page.texts[tag]
        digest = base64.b64encode(sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert {tag for tag, _ in page.elements} <= {
        *("html", "head", "meta", "title", "link", "style", "body", "main", "h1", "h2", "p", "ul", "ol", "li", "div"),
        *("table", "thead", "tbody", "tr", "th", "td", "code", "pre", "strong", "span", "details", "summary", "figure"),
        *("figcaption", "img", "svg", "a", "bdi", "script"),
    }


@pytest.mark.slow
def test_pictures_are_well_formed_whatever_the_names(reports):
    page = Page(reports("checkpoint hostile"))
    for image in page.all("img"):
        ElementTree.fromstring(base64.b64decode(image["src"].split(",", 1)[1]))
    shown = "".join(text for texts in page.texts.values() for text in texts)
    assert all(text in shown for text in (HOSTILE[0], HOSTILE[1], "雪"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["search", pytest.param("result", marks=pytest.mark.slow)])
def test_the_same_search_has_the_same_report_whatever_the_style(searches, reports, name, tmp_path):
    with matplotlib.rc_context({"lines.linewidth": 9, "svg.fonttype": "none"}):
        path = searches[name].report(str(tmp_path / "search.html"))
    assert path == tmp_path / "search.html"
    assert path.read_bytes() == reports(name).read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == ["search.html"]


def rows(page):
    return [one for one in page.all("tr") if "id" in one]


def test_the_table_has_all_candidates_best_first(searches, reports):
    one = searches["search"]
    page = Page(reports("search"))
    numbers = [int(row["id"].removeprefix("candidate-")) for row in rows(page)]
    scores = one.cv_results_["mean_test_score"][numbers]
    assert sorted(numbers) == list(range(40))
    assert numbers[0] == one.best_index_
    assert (np.diff(scores[np.isfinite(scores)]) <= 0).all()
    assert np.isnan(scores[-1])
    parents = {int(row["id"].removeprefix("candidate-")): row["data-parents"] for row in rows(page)}
    assert all(parents[i] == " ".join(map(str, one.history_[i].parents)) for i in range(40))
    (marked,) = [header for header in page.all("th") if "aria-sort" in header]
    assert marked["aria-sort"] == "descending"


def test_parameters_may_be_called_as_other_columns_are(tmp_path, monkeypatch):
    monkeypatch.setattr(_pictures, "PICTURES", [])
    space = {"score": UniformDistribution(0, 1), "parents": [{}, {"outer": {"inner": 1}}]}
    page = Page(optimize(lambda p: p["score"], space, n_iter=12, seed=0).report(tmp_path / "search.html"))
    assert [header["aria-sort"] for header in page.all("th") if "aria-sort" in header] == ["ascending"]
    # A best parameter, one of the space, a column of scores and one of values.
    assert page.texts["th"].count("score") == 4
    assert "parents.outer.inner" in page.texts["th"]
    assert "{}" in page.texts["td"]


@pytest.mark.slow
def test_of_many_candidates_the_best_are_in_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(_page, "MAX_ROWS", 20)
    monkeypatch.setattr(_pictures, "MAX_POINTS", 30)
    result = optimize(lambda p: p["a"], FLAT, n_iter=40, seed=0, surrogate=None)
    page = Page(write_report(result, tmp_path / "search.html"))
    shown = {row["id"] for row in rows(page)}
    best = sorted(result.history, key=lambda one: one.score)[:20]
    assert shown == {f"candidate-{one.number}" for one in best}
    points = [point for svg in page.all("svg") for point in json.loads(svg["data-points"])]
    assert {f"candidate-{number}" for number, *_ in points} == shown
    assert "The best 20 of 40, best first." in page.texts["p"]
    assert {one["href"].removeprefix("#") for one in page.all("a")} <= shown
    assert all(one["src"].startswith("data:image/png;base64,") for one in page.all("img"))


def test_the_lineage_leads_from_a_first_one_to_the_best(searches, reports):
    one = searches["search"]
    text = reports("search").read_text(encoding="utf-8")
    steps = re.findall(r'<strong>candidate <a href="#candidate-(\d+)">', text)
    line = [one.history_[int(step)] for step in steps]
    assert line[-1].number == one.best_index_
    assert not line[0].parents
    assert len(line) > 1
    for parent, child in pairwise(line):
        assert parent.number in child.parents
        assert parent.score == max(one.history_[i].score for i in child.parents)


def test_a_lineage_in_a_circle_ends(tmp_path):
    path = tmp_path / "search.db"
    optimize(lambda p: p["a"], FLAT, n_iter=12, seed=0, checkpoint=path)
    history = _page.history_of(path)
    for k, one in enumerate(history.individuals):
        object.__setattr__(one, "parents", (11 - k, k))
    assert list(_page._lineage(history, {}))


def test_points_are_where_the_pictures_have_them(reports):
    overlays = Page(reports("search")).all("svg")
    assert len(overlays) == 3
    for overlay in overlays:
        _, _, width, height = map(float, overlay["viewbox"].split())
        points = json.loads(overlay["data-points"])
        assert len({number for number, *_ in points}) >= 30
        assert all(0 < x < width and 0 < y < height for _, _, x, y in points)
    progress = sorted(json.loads(overlays[0]["data-points"]))
    assert [number for number, *_ in progress] == list(range(40))
    assert (np.diff([x for _, _, x, _ in progress]) > 0).all()


class ReportAt(Callback):
    """Writes a report while the search runs."""

    def __init__(self, number, checkpoint):
        self.number = number
        self.checkpoint = checkpoint

    def on_result(self, individual, best):
        if individual.number == self.number:
            write_report(self.checkpoint, self.checkpoint.with_suffix(".html"))


@pytest.mark.slow
def test_a_front_is_in_the_report_with_its_candidates(tmp_path, monkeypatch):
    monkeypatch.setattr(_pictures, "PICTURES", _pictures.PICTURES[:2])
    found = optimize(lambda p: (p["a"], -p["b"] * p["a"]), FLAT, n_iter=8, seed=0, objectives=["min", "min"])
    found.report(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What gaining by one objective costs by the other" in text
    places = [json.loads(html.unescape(one)) for one in re.findall(r'data-points="([^"]*)"', text)]
    assert [number for number, *_ in places[0]] == list(range(8))
    assert [number for number, *_ in places[1]] == sorted(one.number for one in found.pareto_front)


def test_a_search_that_runs_has_a_report_of_its_checkpoint(tmp_path):
    path = tmp_path / "search.db"
    space = {"a": UniformDistribution(0, 0.7)}
    optimize(loss, space, n_iter=15, seed=0, checkpoint=path, callbacks=ReportAt(10, path))
    text = path.with_suffix(".html").read_text(encoding="utf-8")
    assert "unknown; the search may still be running" in text
    assert "All 11, best first." in text


def test_what_fails_leaves_the_old_page(searches, tmp_path, monkeypatch):
    path = tmp_path / "search.html"
    path.write_text("old")
    with pytest.raises(FileNotFoundError, match="there is no checkpoint"):
        write_report(tmp_path / "no.db", path)
    with monkeypatch.context() as patch:
        patch.setattr(_page.os, "replace", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_report(searches["one evaluation"], path)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["search.html"]


def test_what_has_no_report_says_so(tmp_path):
    with pytest.raises(NotFittedError):
        GeneticSearchCV(Formula(), FLAT).report(tmp_path / "search.html")
    with pytest.raises(TypeError, match="is needed; got 3"):
        write_report(3, tmp_path / "search.html")


@pytest.mark.slow
def test_without_matplotlib_the_extra_is_named():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from geneticsearch import optimize\n"
        "result = optimize(lambda p: 0.0, {'a': [1, 2]})\n"
        "assert 'svg' in result._repr_html_()\n"
        "try: result.report('search.html')\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'a report needs matplotlib: pip install "geneticsearch[plots]"'


# ------------------------------------------------------------------------------------------------------- in a notebook
@pytest.mark.parametrize("name", [name for name in QUICK + SLOW if not name.startswith(("checkpoint", "random"))])
def test_a_notebook_shows_a_card(searches, name):
    text = searches[name]._repr_html_()
    page = Page(text.split("</div>")[0] + "</div>")
    assert page.elements[0] == ("div", {"class": "geneticsearch"})
    assert {tag for tag, _ in page.elements} <= {"div", "style", "p", "strong", "code", "svg", "path"}
    assert not [attributes for _, attributes in page.elements if {"src", "href", "style", "onerror"} & set(attributes)]
    _, line = [one["d"] for one in page.all("path")]
    assert re.fullmatch(r"M[\d.]+ [\d.]+(H[\d.]+|V[\d.]+)+", line)


@pytest.mark.parametrize(
    ("estimator", "n"), [(KNeighborsClassifier(), 10), (DecisionTreeClassifier(random_state=0), 2)], ids=str
)
def test_card_and_report_say_what_came_from_the_portfolio(estimator, n):
    search = GeneticSearchCV(estimator, "auto", n_iter=12, cv=2, random_state=0).fit(*load_iris(return_X_y=True))
    is_best = search.cv_results_["origin"][search.best_index_] == "portfolio"
    text = f"{n}, {'the best' if is_best else 'not the best'} among them"
    assert f"from the portfolio: {text}" in search._repr_html_()
    assert _page._what_happened(history_of(search))["candidates of the portfolio"] == text


def test_a_search_without_a_portfolio_does_not_mention_it(searches):
    assert "portfolio" not in searches["search"]._repr_html_()


def test_card_and_report_have_the_corrected_score(searches, reports):
    one = searches["search"]
    value, error = one.corrected_score_
    text = f"corrected for the choice {value:.4g} ± {error:.2g}"
    assert text in one._repr_html_()
    assert text in reports("search").read_text("utf-8")


def test_the_diagram_of_scikit_learn_follows_the_card(searches):
    one = searches["flat search"]
    diagram = re.sub(r"id-\d+", "id", estimator_html_repr(one))  # they are counted
    assert re.sub(r"id-\d+", "id", one._repr_html_()) == one._card() + diagram
    bundle = one._repr_mimebundle_()
    assert re.sub(r"id-\d+", "id", bundle["text/html"]) == one._card() + diagram
    assert bundle["text/plain"] == repr(one)
    with config_context(display="text"):
        assert not hasattr(one, "_repr_html_")
        assert list(one._repr_mimebundle_()) == ["text/plain"]


def test_before_fit_there_is_the_diagram_only():
    one = GeneticSearchCV(Formula(), FLAT)
    assert re.sub(r"id-\d+", "id", one._repr_html_()) == re.sub(r"id-\d+", "id", estimator_html_repr(one))


def test_a_card_never_raises(searches):
    broken = copy(searches["flat search"])
    broken.history_ = broken._history_ = None
    assert broken._card() == ""
    assert "GeneticSearchCV" in broken._repr_html_()
    assert replace(searches["result"], history=None)._repr_html_() is None  # then a notebook shows the text


@pytest.mark.slow
def test_the_card_of_a_long_search_is_small_and_quick():
    result = optimize(lambda p: p["a"], FLAT, n_iter=10_000, size=200, seed=0, surrogate=None)
    result._repr_html_()  # the advice is found the first time it is asked for
    start = time.perf_counter()
    text = result._repr_html_()
    assert time.perf_counter() - start < 0.5  # it takes 0.02 s, but the machine may be busy
    assert len(text) < 20_000


# -------------------------------------------------------------------------------------------------------- in a browser
@pytest.fixture(scope="module")
def browser():
    """Return a headless browser, if there is one."""
    api = pytest.importorskip("playwright.sync_api")
    installed = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    with api.sync_playwright() as playwright:
        try:
            found = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        except api.Error as error:
            pytest.skip(f"no browser: {str(error).splitlines()[0]}")
        yield found
        found.close()


@pytest.fixture
def visit(browser, reports):
    """Return a function that opens a report; at the end, nothing may have been fetched, blocked or said."""
    complaints, pages = [], []

    def visit(name, **settings):
        page = browser.new_page(**settings)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url[:80]))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(reports(name).as_uri())
        assert complaints.pop(0) == reports(name).as_uri()
        pages.append(page)
        return page

    yield visit
    for page in pages:
        page.close()
    assert [text for text in complaints if not text.startswith("data:")] == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["search", "checkpoint hostile", "one evaluation", "checkpoint failed"])
def test_a_browser_shows_it(visit, name, width):
    page = visit(name, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert page.evaluate("document.styleSheets.length") == 1
    assert page.evaluate("document.querySelectorAll('thead button').length") > 5


@pytest.mark.slow
def test_a_click_sorts_the_table(visit):
    page = visit("search")
    column = "[...document.querySelectorAll('.candidates tbody tr')].map((row) => row.cells[{}].textContent)"
    names = page.evaluate("[...document.querySelectorAll('.candidates thead th')].map((cell) => cell.textContent)")
    for name in "candidate", "score", "a":
        k = names.index(name)
        header = page.locator(".candidates thead th").nth(k)
        header.locator("button").focus()
        page.keyboard.press("Enter")
        assert header.get_attribute("aria-sort") == "ascending"
        up = page.evaluate(column.format(k))
        page.keyboard.press("Space")
        assert header.get_attribute("aria-sort") == "descending"
        assert page.locator("[aria-sort=ascending]").count() == 0
        down = page.evaluate(column.format(k))
        known = [float(text) for text in up if text not in ("failed", "word")]
        assert known == sorted(known)
        rest = up[len(known) :]
        assert set(rest) <= {"failed", "word"}
        if name != "a":
            assert down == [*reversed(up[: len(known)]), *rest] or name == "score"
            assert down[len(known) :] == rest
    assert len(up) == 40


@pytest.mark.slow
def test_a_point_is_described_and_leads_to_its_row(visit, searches):
    page = visit("search", viewport={"width": 1280, "height": 900})
    best = searches["search"].history_[searches["search"].best_index_]
    picture = page.locator("svg[data-points]").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    scale = box["width"] / float(picture.get_attribute("viewBox").split()[2])
    points = {number: (x, y) for number, _, x, y in json.loads(picture.get_attribute("data-points"))}
    x, y = (box[name] + scale * at for name, at in zip("xy", points[best.number], strict=True))
    page.mouse.move(x + 1, y + 1)
    tip = page.locator(".tip")
    assert tip.is_visible()
    assert f"{best.score:.6g}" in tip.inner_text()
    assert picture.locator("circle.parent").count() == len(best.parents)
    assert page.locator("svg[data-points]").nth(1).locator("circle:not(.parent)").count() == 1
    page.mouse.click(x + 1, y + 1)
    assert page.evaluate("document.querySelector(':target').id") == f"candidate-{best.number}"
    page.mouse.move(2, 2)
    assert tip.is_hidden()
    assert picture.locator("circle:not(.parent)").count() == 1  # it is still the one in the address
    picture.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert tip.is_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target').id") == f"candidate-{best.number + 2}"
    page.keyboard.press("Escape")
    assert tip.is_hidden()


@pytest.mark.slow
def test_without_scripts_it_is_complete(visit):
    page = visit("search", java_script_enabled=False)
    assert page.locator(".candidates tbody tr").count() == 40
    page.locator(".lineage a").first.click()
    assert page.locator("tr:target").count() == 1


def test_the_header_has_metric_data_and_budget(searches, reports):
    page = Page(reports("search"))
    assert re.search(
        r"40 \(of which \d+ failed\) candidates of 3 fits each; 18 rows, 2 columns; .* s; ended by n_iter",
        "".join(page.texts["p"]),
    )
    assert page.texts["h1"] == ["Search of Formula"]


def test_best_parameters_can_be_copied_as_code(searches, reports):
    page = Page(reports("search"))
    (code,) = [text for text in page.texts["code"] if text.startswith("best_params = {")]
    names = {}
    exec(code, names)
    assert names["best_params"] == searches["search"].best_params_


def test_parameters_to_copy_are_those_that_refit_chose(searches):
    history = history_of(searches["search"])
    chosen = int(history.ranking[1])
    summary = _page._summary(replace(history, chosen=chosen))
    page = Page("".join(ElementTree.tostring(element, encoding="unicode", method="html") for element in summary))
    assert f"Parameters that refit chose: candidate {history.individuals[chosen].number}" in page.texts["h2"]
    assert "Best parameters" not in page.texts["h2"]
    (code,) = [text for text in page.texts["code"] if text.startswith("best_params = {")]
    names = {}
    exec(code, names)
    assert names["best_params"] == history.individuals[chosen].params


@pytest.mark.slow
def test_a_pipeline_is_called_by_its_steps(tmp_path):
    from sklearn.pipeline import make_pipeline

    one = search({"formula__a": [0.1, 0.2]}, make_pipeline("passthrough", Formula())).fit(X, y)
    assert Page(one.report(tmp_path / "page.html")).texts["h1"] == ["Search of passthrough → Formula"]
