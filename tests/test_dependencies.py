"""Modules import only from the layers below them."""

import ast
import functools
import sys
from pathlib import Path

import pytest

import geneticsearch

PACKAGE = Path(geneticsearch.__file__).parent
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))

LAYERS = [
    {"_validation"},
    {"distributions", "_operators", "_surrogate", "_constraints"},
    {"_space"},
    {"_population", "_embryos"},
    {"_engine"},
    {"_callbacks", "_compat", "_identity"},
    {"_storage", "callbacks"},
    {"_evaluation", "_history", "_warmstart"},
    {"_importance", "_refit"},
    {"_advice", "plots"},
    {"_report"},
    {"_optimize", "_optuna", "_search"},
    {"__init__"},
]
CORE = [
    "_validation",
    "distributions",
    "_constraints",
    "_space",
    "_operators",
    "_surrogate",
    "_population",
    "_embryos",
    "_engine",
]


@functools.cache
def parsed(name):
    return ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))


@functools.cache
def imported_modules(name):
    """Return the dotted names of all that a module imports, wherever in it."""
    tree = parsed(name)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import; the package uses absolute ones"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def own_modules(name):
    """Return the modules of the package that a module imports."""
    parts = [imported.split(".") for imported in imported_modules(name)]
    return {part[1] for part in parts if part[0] == "geneticsearch" and len(part) > 1 and part[1] in MODULES}


def packages(name):
    return {imported.split(".")[0] for imported in imported_modules(name)} - {"geneticsearch", *sys.stdlib_module_names}


def test_every_module_has_its_layer():
    assert set(MODULES) == set().union(*LAYERS)


@pytest.mark.parametrize("name", MODULES)
def test_module_imports_only_from_lower_layers(name):
    layer = next(i for i, modules in enumerate(LAYERS) if name in modules)
    assert own_modules(name) <= set().union(*LAYERS[:layer])


@pytest.mark.parametrize("name", CORE)
def test_core_needs_numpy_and_scipy_only(name):
    # threadpoolctl, which scikit-learn needs as well, keeps the threads of numpy's linear algebra at bay.
    assert packages(name) <= {"numpy", "scipy"} | ({"threadpoolctl"} if name == "_surrogate" else set())


@pytest.mark.parametrize("name", CORE)
def test_core_never_prints_sleeps_or_opens_files(name):
    tree = parsed(name)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"print", "open", "input"}
    assert not imported_modules(name) & {"time", "random", "logging", "threading", "os", "pathlib"}


@pytest.mark.parametrize(
    ("package", "users"),
    [
        ("sklearn", {"_compat", "_importance", "_search"}),
        ("joblib", {"_compat", "_evaluation"}),
        ("tqdm", {"_callbacks"}),
        ("matplotlib", {"plots", "_report"}),
        ("pandas", {"_history", "_storage"}),
        ("scipy", {"distributions", "_engine", "_surrogate"}),
        ("threadpoolctl", {"_surrogate"}),
        ("mlflow", {"callbacks"}),
        ("tensorboard", {"callbacks"}),
        ("optuna", {"_optuna"}),
    ],
)
def test_only_the_modules_at_the_edge_import(package, users):
    assert {name for name in MODULES if package in packages(name)} <= users


@pytest.mark.parametrize("name", [name for name in MODULES if name != "_compat"])
def test_private_names_of_others_are_touched_in_one_place(name):
    others = {imported for imported in imported_modules(name) if imported.split(".")[0] in packages(name)}
    private = {imported for imported in others if any(part.startswith("_") for part in imported.split("."))}
    # The base class of all searches, which third parties subclass, has no public address.
    base = {"sklearn.model_selection._search", "sklearn.model_selection._search.BaseSearchCV"}
    assert private <= (base if name == "_search" else set())


def test_public_names_are_those_of_the_package():
    assert sorted(geneticsearch.__all__) == list(geneticsearch.__all__)
    assert all(hasattr(geneticsearch, name) for name in geneticsearch.__all__)
