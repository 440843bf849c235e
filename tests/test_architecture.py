"""The house: what imports what, and what the core never does."""

import ast
import functools
from pathlib import Path

import pytest

import geneticsearch

PACKAGE = Path(geneticsearch.__file__).parent
PATHS = sorted(PACKAGE.rglob("*.py"))
ROOMS = ["space", "suggest", "evolution", "callbacks", "checkpoint", "evaluation", "results", "plots", "report"]
CORE = [*PACKAGE.glob("space/*.py"), *PACKAGE.glob("evolution/*.py")]
BELOW = {"evolution": {"space"}, "checkpoint": {"space", "evolution"}}  # beside `suggest` and `callbacks`, not above


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


@functools.cache
def imports(path):
    """Return the dotted names of all that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import; the package uses absolute ones"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def packages(path):
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_rooms_are_entered_by_their_face_and_only_from_above(path):
    room = path.parent.name if path.parent != PACKAGE else None
    below = BELOW.get(room, set(ROOMS[: ROOMS.index(room)] if room else ROOMS))
    for name in imports(path):
        top, *parts = name.split(".")
        if top == "geneticsearch" and parts and parts[0] in ROOMS and parts[0] != room:
            assert parts[0] in below, f"{name} is not below"
            assert len(parts) <= 2, f"{name} is not in the face of its room"
            assert len(parts) == 1 or not (PACKAGE / parts[0] / f"{parts[1]}.py").exists(), (
                f"{name} is a file of its room"
            )
        elif top == "geneticsearch" and room and parts[0] != room:
            assert parts[0] == "_errors", f"{name} is a front door"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_computes_and_does_nothing_else(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"print", "open", "input"}
    forbidden = {"sklearn", "joblib", "tqdm", "pandas", "time", "random", "logging", "threading", "os", "pathlib"}
    allowed = {"threading"} if name_of(path) == "evolution/_optimizer.py" else set()  # a lock, and nothing else
    assert not packages(path) & forbidden - allowed
    assert imports(path) & {"threading"} == allowed


@pytest.mark.parametrize(
    ("package", "users"),
    [
        (
            "sklearn",
            {
                "_sklearn.py",
                "_search.py",
                "_cross_validation.py",
                "_resource.py",
                "_feature_selection.py",
                "results/_importance.py",
                "results/_sources.py",
            },
        ),
        ("joblib", {"evaluation/_joblib.py", "evaluation/_choice.py"}),
        ("tqdm", {"callbacks/_progress.py"}),
        ("matplotlib", {"plots/_drawing.py", "plots/_parameters.py", "report/_pictures.py"}),
        ("pandas", {"results/_frame.py", "checkpoint/_journal.py"}),
        ("threadpoolctl", {"evolution/_gaussian_process.py"}),
        ("mlflow", {"callbacks/_mlflow.py"}),
        ("tensorboard", {"callbacks/_tensorboard.py"}),
        ("optuna", {"results/_optuna.py"}),
    ],
)
def test_only_the_modules_at_the_edge_import(package, users):
    assert {name_of(path) for path in PATHS if package in packages(path)} <= users


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_private_names_of_others_are_touched_in_one_place(path):
    others = [name.split(".") for name in imports(path) if not name.startswith(("geneticsearch", "__future__"))]
    private = {".".join(parts) for parts in others if any(part.startswith("_") for part in parts)}
    # The base class of all searches, which third parties subclass, has no public address.
    allowed = {"_search.py": {"sklearn.model_selection._search.BaseSearchCV"}}.get(name_of(path), set())
    assert name_of(path) in {"_sklearn.py", "evaluation/_joblib.py"} or private <= allowed


@pytest.mark.parametrize(
    "path", [path for room in ("results", "plots", "report") for path in PACKAGE.glob(f"{room}/*.py")], ids=name_of
)
def test_only_the_adapters_look_at_what_a_search_comes_as(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    asked = {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) in ("hasattr", "getattr")}
    assert not asked & {"self", "source", "search", "result"} or name_of(path) == "results/_sources.py"


def test_public_names_are_those_of_the_package():
    assert sorted(geneticsearch.__all__) == list(geneticsearch.__all__)
    assert all(getattr(geneticsearch, name).__module__ == "geneticsearch" for name in geneticsearch.__all__)
