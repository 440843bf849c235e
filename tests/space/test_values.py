"""Values of any kind are compared, copied and found again."""

import copy
import datetime
import decimal
import enum
import fractions
import math
import threading
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from geneticsearch import ChoiceDistribution
from geneticsearch.space import Space, own_copy, short
from geneticsearch.space._values import is_number, key_of, native


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Level(enum.IntEnum):
    LOW = 1
    MIDDLE = 2
    HIGH = 3


@dataclass
class Config:
    """Can be compared, but not hashed."""

    width: int


class Contrary:
    """Answers to no question."""

    __hash__ = None

    def __eq__(self, other):
        raise RuntimeError

    def __bool__(self):
        raise RuntimeError


KINDS = {
    "durations of numpy": [np.timedelta64(1, "D"), np.timedelta64(2, "D"), np.timedelta64(3, "D")],
    "nanoseconds": [np.timedelta64(1, "ns"), np.timedelta64(2, "ns"), 1],
    "dates of numpy": [np.datetime64("2020-01-01"), np.datetime64("2021-01-01"), np.datetime64("NaT")],
    "dates": [datetime.date(2020, 1, 1), datetime.date(2021, 1, 1), datetime.datetime(2020, 1, 1)],
    "durations": [datetime.timedelta(days=1), datetime.timedelta(days=2), datetime.timedelta(days=3)],
    "decimals": [decimal.Decimal("0.1"), decimal.Decimal("0.2"), decimal.Decimal("NaN"), decimal.Decimal("sNaN")],
    "fractions": [fractions.Fraction(1, 3), fractions.Fraction(2, 3)],
    "enums": [Color.RED, Color.BLUE],
    "enums of integers": [Level.LOW, Level.MIDDLE, Level.HIGH],
    "types of numbers": [1, 1.0, True, np.int64(1), np.float32(1), np.bool_(True), 1 + 0j],
    "not numbers": [math.nan, None, "nan", np.float32("nan")],
    "strings": ["a", b"a", np.str_("a"), bytearray(b"a")],
    "tuples": [(1,), (1.0,), (True,), ((1, 2), [3])],
    "lists": [[1, 2], [1, 3], [], [[1], [2]]],
    "dicts and sets": [{"a": 1}, {"a": 2}, {1, 2}, {1, 3}, frozenset([1])],
    "arrays": [np.array([1, 2]), np.array([1, 3]), np.array([1.0, 2.0]), np.array([None, "a"]), np.array(3)],
    "matrices": [sparse.eye(2, format="csr"), sparse.eye(3, format="csr")],
    "functions": [len, math.sqrt, np.sqrt, lambda x: x, lambda x: x, int],
    "estimators": [SVC(), SVC(C=2), LogisticRegression(), SVC],
    "objects": [Config(1), Config(2), Contrary(), Contrary(), object(), ...],
}


@pytest.mark.parametrize("values", KINDS.values(), ids=KINDS.keys())
def test_objects_of_any_kind_are_choices_that_are_found_again(values):
    space = Space({"x": values, "fixed": [values[-1]]})
    distribution = ChoiceDistribution(values)
    assert distribution.n_levels == len(values)
    assert not distribution.ordered
    for value in values:
        genes = space.encode({"x": value, "fixed": values[-1]})
        assert space.decode(genes)["x"] is value
        assert short(value)
    for value in [*values, Contrary(), "else"]:
        with pytest.raises(ValueError, match="must be a value of"):
            space.encode({"x": [value, "something", "else"]})


def test_choices_of_pandas_are_found_again():
    pd = pytest.importorskip("pandas")
    values = [pd.NA, pd.NaT, pd.Timestamp("2020"), pd.Timedelta("1D"), pd.Series([1, 2]), pd.DataFrame({"a": [1]})]
    space = Space({"x": values})
    assert [space.decode(space.encode({"x": value}))["x"] for value in values] == values


@pytest.mark.parametrize(
    ("listed", "like"),
    [
        (1, 1.0),
        (1.0, np.float64(1)),
        (np.float64(0.1), 0.1),
        (math.nan, float("nan")),
        (np.datetime64("NaT"), np.datetime64("NaT")),
        ((1, (2, 3)), [1, [2.0, 3]]),
        ([1, 2], (1, 2)),
        (np.array([1, 2]), [1, 2]),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        (SVC(C=2), SVC(C=2.0)),
        ([("scale", SVC())], [("scale", SVC())]),
        ("a", np.str_("a")),
    ],
    ids=str,
)
def test_what_is_as_good_as_a_choice_is_found(listed, like):
    distribution = ChoiceDistribution(["other", listed, None])
    assert distribution.index(like) == 1
    assert distribution.index(copy.deepcopy(like)) == 1


@pytest.mark.parametrize(
    ("listed", "unlike"),
    [(1, True), (1, "1"), (1, np.timedelta64(1, "ns")), (0, None), (Level.LOW, 1), (SVC(C=2), SVC(C=3)), (SVC, SVC())],
    ids=str,
)
def test_what_is_not_as_good_is_refused(listed, unlike):
    assert ChoiceDistribution(["other", listed]).index(unlike) is None


def test_the_same_choice_has_first_claim():
    assert [ChoiceDistribution([1, 1.0]).index(value) for value in (1, 1.0, np.int64(1))] == [0, 1, 0]


def test_equal_lists_are_one_choice():
    assert ChoiceDistribution([[1], [2], [1]]).n_levels == 2
    assert ChoiceDistribution([np.zeros(2), np.zeros(2)]).n_levels == 1


@pytest.mark.parametrize("make", [int, str, lambda i: [i], lambda i: (i, {"a": i})])
def test_long_lists_take_no_time(make):
    n = 20_000
    values = [make(i) for i in range(n)]
    space = Space({"x": values})
    assert space.size == n
    assert space.decode(space.encode({"x": make(n - 1)})) == {"x": values[-1]}


def test_numbers_of_numpy_become_plain_ones_but_dates_stay():
    values = [np.float64(1), np.int8(1), np.bool_(True), np.str_("a"), np.array(2)]
    assert [type(native(value)) for value in values] == [float, int, bool, str, int]
    for value in np.timedelta64(1, "ns"), np.datetime64("2020"):
        assert native(value) is value
    assert [is_number(value) for value in (1, 1.5, np.int8(1), True, Level.LOW, np.timedelta64(1), "1")] == [
        *[True] * 3,
        *[False] * 4,
    ]


def test_dates_in_an_array_keep_their_resolution():
    dates = np.array(["2020-01-01T00:00:00.000000001"], dtype="datetime64[ns]")
    assert ChoiceDistribution(dates).ppf(0.5) == dates[0]


def test_copies_share_nothing_that_can_be_changed():
    original = {"list": [[1], (2, [3])], "set": {1}, "array": np.zeros(2), "model": SVC(), "config": Config(1)}
    copied = own_copy(original)
    copied["list"][0].append(9)
    copied["list"][1][1].append(9)
    copied["set"].add(9)
    copied["array"][0] = 9
    copied["model"].C = 9
    copied["config"].width = 9
    copied["new"] = 9
    assert original["list"] == [[1], (2, [3])]
    assert (original["set"], original["array"].tolist()) == ({1}, [0, 0])
    assert (original["model"].C, original["config"].width, len(original)) == (1.0, 1, 5)


@pytest.mark.parametrize(
    "value", [1, 0.5, "a", None, (1, ("a", None)), len, int, np.sqrt, Color.RED, object(), threading.Lock()], ids=str
)
def test_copies_are_the_very_object_where_nothing_can_be_changed(value):
    assert own_copy(value) is value


def test_keys_never_raise():
    endless = []
    endless.append(endless)
    for value in [Contrary(), endless, {"a": Contrary()}, type("Odd", (), {"get_params": None})()]:
        assert key_of(value) is not None
        assert key_of(value, loose=True) is not None
