"""Parameters by name, values in few characters."""

import datetime
import enum
import functools
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from geneticsearch.space import cut, flatten, path_in_words, short


class Color(enum.IntEnum):
    RED = 1


class Nameless:
    pass


class Hostile:
    def __repr__(self):
        raise RuntimeError


class HostileAttributes:
    def __getattr__(self, name):
        raise RuntimeError(name)


def test_parameters_inside_dicts_and_sequences_have_names():
    params = {"model": {"layers": ({"width": 8}, {"width": 16})}, "sizes": [3, 4], "none": (), "kernel": "rbf"}
    assert flatten(params) == {
        "model.layers[0].width": 8,
        "model.layers[1].width": 16,
        "sizes[0]": 3,
        "sizes[1]": 4,
        "none": (),
        "kernel": "rbf",
    }


def test_a_list_that_holds_itself_is_flattened_so_far():
    endless = []
    endless.append(endless)
    assert list(flatten({"x": endless})) == ["x" + "[0]" * 8]
    assert len(short(endless)) <= 60


def test_names_of_flattened_parameters_are_those_of_genes():
    assert path_in_words(("layers", 0, "width")) == "layers[0].width"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("rbf", "rbf"),
        ("two\nlines", "two lines"),
        (None, "None"),
        (True, "True"),
        (3, "3"),
        (2.0, "2.0"),
        (1 / 3, "0.333333"),
        (1e-12, "1e-12"),
        (float("nan"), "nan"),
        (np.float64(0.1), "0.1"),
        (np.int64(3), "3"),
        (np.str_("a"), "a"),
        (np.bool_(True), "True"),
        (np.timedelta64(5, "D"), "5 days"),
        (np.timedelta64(5, "ns"), "5 nanoseconds"),
        (np.datetime64("2020-01-02"), "2020-01-02"),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (datetime.timedelta(days=2), "2 days, 0:00:00"),
        (Decimal("0.10"), "0.10"),
        (Color.RED, "Color.RED"),
        (int, "int"),
        (len, "len"),
        (np.exp, "exp"),
        (str.upper, "upper"),
        (functools.partial(max, 2), "partial(max, ...)"),
        ((8,), "(8,)"),
        ([0.1 + 0.2, "a"], "[0.3, 'a']"),
        ({"a": 1}, "{'a': 1}"),
        (list(range(1000)), "list of 1000"),
        (np.arange(3), "array([0, 1, 2])"),
        (np.zeros((30, 2)), "ndarray of shape (30, 2)"),
        (LogisticRegression(), "LogisticRegression"),
        (LogisticRegression(C=3), "LogisticRegression(C=3)"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "Pipeline(...)"),
        (Nameless(), "Nameless"),
        (Hostile(), "Hostile"),
        ([Hostile()], "list"),
    ],
)
def test_values_in_few_characters(value, text):
    assert short(value) == text


def test_attributes_that_raise_do_no_harm():
    assert short(HostileAttributes()) == "HostileAttributes"


def test_all_digits_where_they_matter():
    assert short(0.1 + 0.2, digits=None) == "0.30000000000000004"
    assert short([1 / 3], digits=3) == "[0.333]"


@given(st.text(max_size=50), st.integers(4, 30))
def test_long_texts_keep_both_ends(text, length):
    shown = cut(text, length)
    assert len(shown) <= length
    assert shown == text if len(text) <= length else (shown[0] == text[0] and (length < 5 or shown[-1] == text[-1]))
