"""The same things have the same fingerprints in every process, other things have others."""

import functools
import importlib
import os
import subprocess
import sys
import threading
from collections import OrderedDict, namedtuple
from pathlib import Path

import numpy as np
import pytest
import sklearn
from estimators import X, y
from scipy import sparse, stats
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from geneticsearch import (
    CheckpointError,
    ChoiceDistribution,
    Distribution,
    GeneticSearchCV,
    LogUniformDistribution,
    SequenceDistribution,
    SubsetDistribution,
    UniformDistribution,
    optimize,
)
from geneticsearch.checkpoint import _code
from geneticsearch.checkpoint._identity import compare, describe, fingerprint, identify_function, identify_space
from geneticsearch.space import Space

pd = pytest.importorskip("pandas")


Point = namedtuple("Point", "x y")


def double(x, factor=2):
    return x * factor


def triple(x, factor=3):
    return x * factor


class Doubling:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return x * self.factor


class Own(Distribution):
    def __init__(self, power):
        self.power = power

    def ppf(self, u):
        return u**self.power


def closure(value):
    return lambda params: params["x"] + value


def pipeline(C):
    columns = ColumnTransformer([("scaled", StandardScaler(), [0, 1])], remainder="passthrough")
    return Pipeline([("columns", columns), ("own", FunctionTransformer(double)), ("ridge", Ridge(C))])


def table(**kwargs):
    columns = {"n": [1, 2, 3], "t": ["x", "y", None], "c": pd.Categorical(["u", "v", "u"]), **kwargs}
    return pd.DataFrame(columns, index=[5, 6, 7])


def things():
    """Return things that all differ, made anew each time."""
    words = {"alpha", "beta", "gamma", "delta", "epsilon"}
    arrays = [np.arange(3), np.arange(3.0), np.arange(4), np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2)]
    masked = np.ma.masked_array([1, 2, 3], [0, 1, 0])
    return [
        None, True, False, 0, 1, -1, 2**70, 0.0, -0.0, 1.0, float("nan"), float("inf"), 1j, "", "1", "a", b"a", b"",
        [], [1], [1, 2], [[1], 2], (1, 2), Point(1, 2), {}, {"a": 1}, {"a": 2}, {1: "a"}, OrderedDict(a=1),
        set(), {1}, frozenset({1}), words, {word: len(word) for word in words}, [words], ["ab", "c"], ["a", "bc"],
        ["a"] * 30, ["a"] * 29 + ["b"], np.float64(1), np.int64(1), *arrays, np.array(["a", "b"]), masked,
        np.array(["a", "b"], dtype=object), np.array([1, "b", None], dtype=object), np.array(["2020"], dtype="M8[Y]"),
        sparse.csr_matrix(np.eye(3)), sparse.csc_matrix(np.eye(3)), sparse.csr_matrix(np.eye(4)),
        table(), table(n=[1, 2, 4]), table(n=[1.0, 2.0, 3.0]), table(more=[1, 2, 3]), table().set_index("n"),
        table().rename(columns={"n": "m"}), table(t=["x", "z", None]), table()["n"], table()["t"],
        double, triple, Doubling, Doubling(2), Doubling(3), functools.partial(double, factor=2),
        functools.partial(double, factor=4), closure(1), closure(2), np.mean, len, [].append, np, Path('a'),
        accuracy_score, make_scorer(accuracy_score), make_scorer(accuracy_score, greater_is_better=False), Ridge,
        Ridge(), Ridge(2.0), DummyClassifier(), pipeline(1.0), pipeline(2.0), KFold(3), KFold(4), StratifiedKFold(3),
        KFold(3, shuffle=True, random_state=0), np.random.RandomState(0), np.random.RandomState(1),
        np.random.default_rng(0), UniformDistribution(0, 1), UniformDistribution(0, 2), LogUniformDistribution(1, 2),
        UniformDistribution(0, 1, q=0.5), ChoiceDistribution(["a", "b"]), ChoiceDistribution(["b", "a"]),
        ChoiceDistribution(["a", "b"], [0.3, 0.7]), Own(1), Own(2), stats.uniform(0, 1).dist.name,
        SequenceDistribution([1, 2], 1, 2), SequenceDistribution([1, 2], 1, 3),
    ]  # fmt: skip


def spaces():
    layers = SequenceDistribution({"n": UniformDistribution(1, 9, q=1), "f": ["relu", "tanh"]}, 1, 3)
    return [
        {"a": UniformDistribution(0, 1)},
        {"a": UniformDistribution(0, 2)},
        {"b": UniformDistribution(0, 1)},
        {"a": UniformDistribution(0, 1), "k": 1},
        {"a": UniformDistribution(0, 1), "k": 2},
        {"a": stats.uniform(0, 1)},
        {"a": stats.uniform(0, 2)},
        {"a": stats.randint(0, 5)},
        {"a": stats.norm()},
        {"a": stats.rv_discrete(values=([1, 2], [0.5, 0.5]))},
        {"a": [Ridge(), Ridge(2.0)]},
        {"a": SubsetDistribution([1, 2, 3], 1, 2)},
        {"a": SubsetDistribution([1, 2, 3], 1, 3)},
        {"a": SubsetDistribution([1, 2, 4], 1, 2)},
        {"a": [1, 2], "b": [3, 4]},
        {"b": [3, 4], "a": [1, 2]},
        [{"a": [1, 2]}, {"b": [3, 4]}],
        {"layers": layers},
        {"layers": layers, "rate": ["off", UniformDistribution(0, 1)]},
        {"rate": ["on", UniformDistribution(0, 1)], "layers": layers},
    ]


def digests():
    one = [fingerprint(thing).digest for thing in things()]
    return one + [digest(space) for space in spaces()]


def digest(space):
    return fingerprint(
        sorted((name, one.digest) for name, one in identify_space("space", Space(space, constants=True)).items())
    ).digest


def test_different_things_differ():
    found = {}
    for thing, digest in zip([*things(), *spaces()], digests(), strict=True):
        assert digest not in found, f"{thing!r} is taken for {found.get(digest)!r}"
        found[digest] = thing


def test_things_made_anew_are_the_same():
    assert digests() == digests()


@pytest.mark.slow
def test_fingerprints_are_the_same_in_every_process():
    code = "import test_identity as t; print(*t.digests())"
    command = [sys.executable, "-c", code]
    other = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    environment = {**os.environ, "PYTHONHASHSEED": other, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120)
    assert out.stdout.split() == digests()


def test_use_does_not_change_a_thing():
    space = {"a": stats.norm(), "b": UniformDistribution(0, 1, q=0.1)}
    before = digest(space)
    optimize(lambda params: params["b"], space, n_iter=5)
    stats.norm.rvs()
    assert digest(space) == before


def test_identical_and_equal_objects_are_the_same():
    shared = [1.5, "a"]
    assert fingerprint([shared, shared]).digest == fingerprint([[1.5, "a"], [1.5, "a"]]).digest
    assert fingerprint(Path("a") / "b").digest == fingerprint(Path("a/b")).digest
    name = "".join(["al", "pha"])
    assert fingerprint(["alpha", "alpha"]).digest == fingerprint(["alpha", name]).digest


def test_frozen_estimators_are_known_by_what_they_have_learnt():
    frozen = pytest.importorskip("sklearn.frozen")  # scikit-learn 1.6

    def learnt(y):
        return fingerprint([frozen.FrozenEstimator(Ridge().fit(X, y)), {1: frozen.FrozenEstimator(Ridge().fit(X, y))}])

    assert learnt(X[:, 0]).digest == learnt(X[:, 0]).digest != learnt(X[:, 0] * 2).digest
    assert fingerprint(Ridge().fit(X, y)).digest == fingerprint(Ridge()).digest


def test_objects_that_do_not_let_themselves_be_looked_at():
    class Elsewhere:
        shape, dtype = (3,), "float32"

        def __array__(self, *_, **__):
            raise TypeError("on another device")

    assert not fingerprint(Elsewhere()).certain


class Weight:
    """Like a weight of a torch module: nothing shows its numbers before it is detached and on this machine."""

    shape, dtype = (3,), "float32"

    def __init__(self, numbers, is_bare=False):
        self.numbers, self.is_bare = numbers, is_bare

    def detach(self):
        return self

    def cpu(self):
        return Weight(self.numbers, is_bare=True)

    def __array__(self, dtype=None, copy=None):
        if not self.is_bare:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return np.array(self.numbers)


def test_weights_that_are_learned_are_known_by_their_numbers():
    one, same, other = (fingerprint({"module": Weight(numbers)}) for numbers in ([1, 2, 3], [1, 2, 3], [1, 2, 4]))
    assert one.certain
    assert one.digest == same.digest
    assert one.digest != other.digest


def test_views_and_orders_of_memory_are_the_same():
    a = np.arange(12.0).reshape(3, 4)
    assert fingerprint(a).digest == fingerprint(np.asfortranarray(a)).digest == fingerprint(a[:, :]).digest
    assert fingerprint(a[:, ::2]).digest == fingerprint(a[:, ::2].copy()).digest


def test_things_that_hold_themselves():
    ring = [1]
    ring.append(ring)
    other = [1]
    other.append(other)
    assert fingerprint(ring).digest == fingerprint(other).digest
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert isinstance(fingerprint(deep).digest, str)


@pytest.mark.parametrize("make", [threading.Lock, lambda: (k for k in range(3)), lambda: [threading.Lock()]])
def test_what_cannot_be_compared_is_like_nothing_else(make):
    thing = make()
    one, other = fingerprint(thing), fingerprint(thing)
    assert not one.certain
    assert compare({"x": one}, {"x": other}) != []


def test_distributions_are_told_as_users_write_them():
    specs = {
        "a": UniformDistribution(0, 1),
        "b": ["x", None],
        "c": [{"k": 1}, {"k": UniformDistribution(0, 1)}],
        "d": SequenceDistribution([1, 2], 1, 3),
        "e": ChoiceDistribution([1, 2], [0.3, 0.7]),
        "f": SubsetDistribution(range(100), max_size=9),
    }
    identity = identify_space("space", Space(specs, constants=True))
    assert {name: one.text for name, one in identity.items() if "whole" not in name} == {
        "space['a']": "UniformDistribution(low=0, high=1)",
        "space['b']": "['x', None]",
        "space['c']": "a choice among 2 alternatives",
        "space['c']['k']": "UniformDistribution(low=0, high=1)",
        "space['d']": "1 to 3 elements",
        "space['d'][0]": "[1, 2]",
        "space['d'][1]": "[1, 2]",
        "space['d'][2]": "[1, 2]",
        "space['e']": "[1, 2] with probabilities [0.3, 0.7]",
        "space['f']": "SubsetDistribution(items=range(0, 100), min_size=1, max_size=9)",
    }


def test_what_differs_is_told():
    old = identify_space("space", Space({"a": UniformDistribution(0, 1), "b": [1, 2]}))
    new = identify_space("space", Space({"a": UniformDistribution(0, 3), "c": [1, 2]}))
    assert compare(old, new) == [
        "space['a']: was UniformDistribution(low=0, high=1), is UniformDistribution(low=0, high=3)",
        "space['b']: was [1, 2], is nothing",
        "space['c']: was nothing, is [1, 2]",
    ]
    swapped = identify_space("space", Space({"b": [1, 2], "a": UniformDistribution(0, 1)}))
    assert compare(old, swapped) == [
        "space, as a whole: was a, b in this order, and with their constants, is b, a in this order, and with their "
        "constants"
    ]
    assert compare(old, old) == []


def test_variables_of_a_function_are_told_by_name():
    lines = compare(identify_function("fn", closure(1)), identify_function("fn", closure(2)))
    assert lines == ["the variable 'value' that fn uses: was 1, is 2"]


def test_what_cannot_be_compared_is_told_as_such():
    one, other = ({"module": fingerprint(threading.Lock())} for _ in range(2))
    assert compare(one, other) == ["module: holds what cannot be compared, so nothing tells whether it is what it was"]


def test_functions_are_told_by_their_code():
    def made(text):
        namespace = {"__name__": "mine"}
        exec(text, namespace)
        return namespace["f"]

    one, other = made("def f(x):\n    return x + 1"), made("def f(x):\n    return x + 2")
    (line,) = compare(identify_function("fn", one), identify_function("fn", other))
    assert line == "fn: not what it was, though it looks alike: mine.f"
    # Where it stands does not matter.
    assert compare(identify_function("fn", one), identify_function("fn", made("\n\ndef f(x):\n    return x + 1"))) == []


@pytest.mark.parametrize("thing", things())
def test_descriptions_are_short(thing):
    assert len(describe(thing)) <= 200


# ------------------------------------------------------------------------------------- what a search is refused for


def accuracy(estimator, X, y):
    return 0.5


def search(**kwargs):
    kwargs = {"estimator": pipeline(1.0), "n_iter": 3, "random_state": 0, "cv": KFold(3), **kwargs}
    space = kwargs.pop("space", {"ridge__alpha": UniformDistribution(0, 1)})
    return GeneticSearchCV(kwargs.pop("estimator"), space, **kwargs)


CHANGES = {
    "estimator": ({"estimator": Pipeline([("ridge", Ridge())])}, "the estimator's parameter 'columns'"),
    "class": ({"estimator": DummyClassifier(), "space": {"random_state": [0, 1, 2]}}, "the estimator: was"),
    "fixed parameter": ({"estimator": pipeline(2.0)}, "the estimator's parameter 'ridge__alpha': was 1.0, is 2.0"),
    "space": ({"space": {"ridge__alpha": UniformDistribution(0, 2)}}, r"param_distributions\['ridge__alpha'\]: was"),
    "population": ({"population_size": 7}, "population_size: was 10, is 7"),
    "scoring": ({"scoring": "r2"}, "scoring: was None, is 'r2'"),
    "scoring function": ({"scoring": accuracy}, r"scoring: was None, is test_identity\.accuracy"),
    "splitter": ({"cv": KFold(4)}, r"cv: was KFold\(n_splits=3, .*is KFold\(n_splits=4"),
    "splits": ({"cv": [(np.arange(9), np.arange(9, 18))] * 3}, "cv: was .*is 3 splits"),
    "seed": ({"random_state": 1}, "the seed: was 0, is 1"),
    "no seed": ({"random_state": None}, "the seed: was 0, is None"),
    "error score": ({"error_score": 0}, "error_score: was nan, is 0"),
    "train score": ({"return_train_score": True}, "return_train_score: was False, is True"),
    "window": ({"window": 3}, "window: was 8, is 3"),
    "surrogate": ({"surrogate": None}, "surrogate: was 'auto', is None"),
    "timeout": ({"timeout": 99.0}, "timeout: was None, is 99.0"),
    "initial": ({"initial": {"ridge__alpha": 0.5}}, "initial: was None, is 1 set of parameters"),
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("identity") / "search.db"
    search(checkpoint=path).fit(X, y)
    return path


@pytest.mark.parametrize("name", CHANGES)
def test_another_search_is_refused(name, checkpoint):
    changes, message = CHANGES[name]
    before = checkpoint.read_bytes()
    with pytest.raises(CheckpointError, match=message):
        search(checkpoint=checkpoint, **changes).fit(X, y)
    assert checkpoint.read_bytes() == before
    assert [one.name for one in checkpoint.parent.iterdir()] == ["search.db"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X + 1, y), "X: not what it was, though it looks alike: ndarray of shape"),
        ((X[:17], y[:17]), r"X: was ndarray of shape \(18, 2\).* is ndarray of shape \(17, 2\)"),
        ((X, 1 - y), "y: not what it was"),
        ((pd.DataFrame(X), y), "X: was ndarray .*is DataFrame"),
    ],
)
def test_other_data_are_refused(arguments, message, checkpoint):
    with pytest.raises(CheckpointError, match=message):
        search(checkpoint=checkpoint).fit(*arguments)


def test_other_arguments_of_fit_are_refused(tmp_path):
    weights = np.ones(18)
    one = GeneticSearchCV(Ridge(), {"alpha": [1, 2, 3]}, cv=3, checkpoint=tmp_path / "search.db")
    one.fit(X, y, sample_weight=weights)
    one.fit(X, y, sample_weight=weights.copy())
    with pytest.raises(CheckpointError, match="the argument 'sample_weight' of fit"):
        one.fit(X, y, sample_weight=weights * 2)


def test_explicit_splits_may_come_from_an_iterator(tmp_path):
    splits = list(KFold(3).split(X))
    path = tmp_path / "search.db"
    search(checkpoint=path, cv=iter(splits)).fit(X, y)
    search(checkpoint=path, cv=splits).fit(X, y)
    with pytest.raises(CheckpointError, match="the splits of `cv` are not what they were"):
        search(checkpoint=path, cv=[(test, train) for train, test in splits]).fit(X, y)


@pytest.mark.parametrize(
    "changes",
    [
        {"n_iter": 4},
        {"max_time": 100, "target": 5.0, "patience": 3},
        {"n_jobs": 1, "refit": False, "verbose": 0, "pre_dispatch": "all"},
    ],
)
def test_what_does_not_shape_the_candidates_may_change(changes, tmp_path):
    path = tmp_path / "search.db"
    search(checkpoint=path).fit(X, y)
    search(checkpoint=path, **changes).fit(X, y)


OPTIMIZE_CHANGES = {
    "fn": ({"fn": triple}, "fn: was .*double, is .*triple"),
    "param_space": ({"param_space": {"x": [1, 2]}}, r"param_space\['x'\]: was"),
    "size": ({"size": 20}, "size: was 10, is 20"),
    "retain_percentage": ({"retain_percentage": 0.9}, "retain_percentage: was '5 retained', is '9 retained'"),
    "mutate_chance": ({"mutate_chance": 0.9}, "mutate_chance: was 0.35, is 0.9"),
    "immigrants": ({"percentage_to_randomly_spawn": 0.9}, "percentage_to_randomly_spawn: was 0.1, is 0.9"),
    "maximize_fn": ({"maximize_fn": True}, "maximize_fn: was False, is True"),
    "window": ({"window": 4}, "window: was 8, is 4"),
    "seed": ({"seed": 3}, "the seed: was 0, is 3"),
}


@pytest.mark.parametrize("name", OPTIMIZE_CHANGES)
def test_another_optimization_is_refused(name, tmp_path):
    changes, message = OPTIMIZE_CHANGES[name]
    arguments = {"fn": doubled, "param_space": {"x": [1, 2, 3]}, "size": 10, "n_iter": 3, "seed": 0}
    arguments["checkpoint"] = tmp_path / "search.db"
    optimize(**arguments)
    with pytest.raises(CheckpointError, match=message.replace("double", "doubled").replace("triple", "tripled")):
        optimize(**{**arguments, **changes, **({"fn": tripled} if name == "fn" else {})})


def doubled(params):
    return params["x"] * 2


def tripled(params):
    return params["x"] * 3


def test_what_can_never_be_compared_is_told_when_the_file_is_made(tmp_path):
    lock = threading.Lock()

    def fn(params):
        with lock:
            return params["x"]

    arguments = (fn, {"x": [1, 2, 3]})
    path = tmp_path / "search.db"
    with pytest.warns(
        RuntimeWarning, match="cannot be resumed: nothing tells whether the variable 'lock' that fn uses"
    ):
        optimize(*arguments, checkpoint=path, seed=0)
    with pytest.raises(CheckpointError, match="the variable 'lock' that fn uses: holds what cannot be compared"):
        optimize(*arguments, checkpoint=path, seed=0)


# ------------------------------------------------------------------------------------------------- the user's own code

OWN = """
import helpers
from sklearn.base import BaseEstimator, TransformerMixin

OFFSET = 1
N_CALLS = 0
WEIGHTS = {"a": [1, 2]}
CACHE = {}
SEEN = []

def helper(x):
    return x + OFFSET + WEIGHTS["a"][0]

def remember(x):
    CACHE[x] = x
    SEEN.append(x)

class Base(BaseEstimator):
    def inner(self, x):
        return x * 2

class Mine(TransformerMixin, Base):
    factor = 3
    columns = ("x", "y")
    n_fits = 0

    def __init__(self, a=0.0):
        self.a = a

    def fit(self, X, y=None):
        global N_CALLS
        N_CALLS += 1
        type(self).n_fits += 1
        remember(self.a)
        self.fitted_ = [helper(x) for x in (1, 2)]
        return self

    @property
    def size(self):
        return 4

    @staticmethod
    def other():
        return helpers.far(5)

    def score(self, X, y=None):
        return self.inner(self.a)

def scorer(estimator, X, y):
    return Mine.other()
"""

HELPERS = "def far(x):\n    return deep(x)\n\ndef deep(x):\n    return x - 6\n\ndef unused():\n    return 0\n"


def own_digest(thing):
    return fingerprint(thing).digest


def own_module(tmp_path, monkeypatch, own=OWN, helpers=HELPERS):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own.py").write_text(own)
    (tmp_path / "helpers.py").write_text(helpers)
    for name in ("own", "helpers"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        return importlib.import_module("own")
    finally:
        sys.dont_write_bytecode = before


EDITS = {
    "a method": ("self.fitted_ = [helper(x) for x in (1, 2)]", "self.fitted_ = [helper(x) for x in (1, 3)]"),
    "a base class": ("x * 2", "x * 3"),
    "what a method calls": ("x + OFFSET", "x - OFFSET"),
    "a global value": ("OFFSET = 1", "OFFSET = 2"),
    "a value in a global container": ("[1, 2]}", "[0, 2]}"),
    "an attribute of the class": ("factor = 3", "factor = 4"),
    "a container of the class": ('("x", "y")', '("x", "z")'),
    "a property": ("return 4", "return 5"),
    "a static method": ("helpers.far(5)", "helpers.far(6)"),
    "the bases": ("(TransformerMixin, Base)", "(Base)"),
}


@pytest.mark.parametrize("change", EDITS)
def test_classes_of_the_user_are_compared_by_their_code(change, tmp_path, monkeypatch):
    before = own_digest(own_module(tmp_path, monkeypatch).Mine())
    assert own_digest(own_module(tmp_path, monkeypatch).Mine()) == before
    assert own_digest(own_module(tmp_path, monkeypatch, OWN.replace(*EDITS[change])).Mine()) != before


def test_code_in_other_modules_of_the_user_counts_if_it_is_called(tmp_path, monkeypatch):
    before = own_digest(own_module(tmp_path, monkeypatch).scorer)
    for edit, is_same in ((("x - 6", "x - 7"), False), (("return 0", "return 1"), True)):
        edited = own_module(tmp_path, monkeypatch, helpers=HELPERS.replace(*edit))
        assert (own_digest(edited.scorer) == before) == is_same


def test_values_that_the_code_changes_itself_do_not_count(tmp_path, monkeypatch):
    own = own_module(tmp_path, monkeypatch)
    before = own_digest(own.Mine())
    own.Mine().fit(X)
    assert (own.N_CALLS, own.Mine.n_fits) == (1, 1)
    assert own_digest(own.Mine()) == before


def test_packages_are_compared_by_their_version(monkeypatch):
    before = own_digest(Ridge())
    assert describe(Ridge) == f"sklearn.linear_model._ridge.Ridge of sklearn {sklearn.__version__}"
    _code.version_of.cache_clear()
    monkeypatch.setattr(sklearn, "__version__", "0.1")
    assert own_digest(Ridge()) != before
    _code.version_of.cache_clear()


def test_scores_of_an_edited_class_are_not_taken_for_those_of_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "search.db"
    space = {"a": UniformDistribution(0, 1)}
    own = own_module(tmp_path, monkeypatch)
    search(estimator=own.Mine(), space=space, checkpoint=path, refit=False).fit(X, y)
    edited = own_module(tmp_path, monkeypatch, OWN.replace("self.inner(self.a)", "-self.inner(self.a)"))
    with pytest.raises(CheckpointError, match=r"the estimator: not what it was, though it looks alike: own\.Mine"):
        search(estimator=edited.Mine(), space=space, checkpoint=path, refit=False).fit(X, y)
    path.unlink()
    search(space={"alpha": [1]}, estimator=Ridge(), checkpoint=path, scoring=own.scorer).fit(X, y)
    edited = own_module(tmp_path, monkeypatch, helpers=HELPERS.replace("x - 6", "x - 7"))
    with pytest.raises(CheckpointError, match="scoring: not what it was"):
        search(space={"alpha": [1]}, estimator=Ridge(), checkpoint=path, scoring=edited.scorer).fit(X, y)


class Counting:
    """A callback that fits change."""

    n_calls = 0

    def __call__(self):
        self.n_calls += 1


class Calling(Ridge):
    def fit(self, X, y=None, callback=None):
        callback()
        return super().fit(X, y)


def test_objects_that_fits_change_are_to_be_made_anew(tmp_path):
    one = search(estimator=Calling(), space={"alpha": [1, 2]}, checkpoint=tmp_path / "search.db")
    callback = Counting()
    one.fit(X, y, callback=callback)
    with pytest.raises(CheckpointError, match=r"(?s)'callback' of fit: not what it was.*make it anew for each"):
        one.fit(X, y, callback=callback)
    one.fit(X, y, callback=Counting())
