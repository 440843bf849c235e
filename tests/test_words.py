"""The words: American spelling, as in the names of the API, in everything that users and developers read."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACES = ["*.md", "geneticsearch/**/*.py", "docs/**/*.rst", "docs/*.md", "examples/*.*", "benchmarks/*.*", ".ci/*.py"]
MADE = {"generated", "auto_examples", "_build"}
BRITISH = re.compile(
    r"\b\w*(?:(?:minim|maxim|optim|standard|random|regular|util|normal|initial|summar)is(?:e[ds]?|ing|ation)\b"
    r"|colour|neighbour|behaviour|favour|centre|licence|labelled|modelled)\w*",
    re.IGNORECASE,
)


def test_spelling_is_american():
    paths = [path for place in PLACES for path in ROOT.glob(place) if not MADE & set(path.parts)]
    assert len(paths) > 100
    found = {path.name: BRITISH.findall(path.read_text(encoding="utf-8")) for path in paths if path.suffix != ".png"}
    assert {name: words for name, words in found.items() if words} == {}
