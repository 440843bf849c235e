"""What shapes a search, as fingerprints that tell it from others."""

from __future__ import annotations

import copyreg
import functools
import math
import struct
import types
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from hashlib import blake2b
from pathlib import PurePath
from typing import Any

import numpy as np

from geneticsearch.checkpoint._code import code_of, is_installed, name_of
from geneticsearch.space import (
    ChoiceDistribution,
    Distribution,
    RvsDistribution,
    ScipyDistribution,
    Space,
    UniformDistribution,
    Word,
    short,
)

MAX_TEXT = 200

MAX_DEPTH = 100

ALIKE = "not what it was, though it looks alike"

UNKNOWN = "holds what cannot be compared, so nothing tells whether it is what it was"


@dataclass(frozen=True)
class Fingerprint:
    """What a thing is: a digest to compare, and words to show.

    Attributes
    ----------
    digest : str
        Equal for equal things.
    text : str
        A short description.
    certain : bool
        False where nothing can be compared; then it is equal to no other fingerprint.
    """

    digest: str
    text: str
    certain: bool = True


Identity = dict[str, Fingerprint]


def fingerprint(value: Any, text: str | None = None) -> Fingerprint:
    """Return the fingerprint of any object.

    Parameters
    ----------
    value : object
        Data, an estimator, a function, a plain value; arrays and tables by their content.
    text : str or None, default=None
        Its description; None takes its repr where that is short.

    Returns
    -------
    Fingerprint
        The same in every process.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": {2, 3}}).digest == fingerprint({"b": {3, 2}, "a": 1}).digest
    True
    >>> fingerprint(1).digest == fingerprint(1.0).digest
    False
    """
    hasher = _Hasher()
    hasher.add(value)
    hasher.add_reached_code()
    return Fingerprint(hasher.digest(), describe(value) if text is None else text, hasher.certain)


def describe(value: Any) -> str:
    """Return a short text for an object."""
    if isinstance(value, np.generic):
        value = value.item()
    if _has(value, "shape", "dtype"):
        return f"{type(value).__name__} of shape {tuple(value.shape)} and type {value.dtype}"
    if _has(value, "shape"):
        return f"{type(value).__name__} of shape {tuple(value.shape)}"
    if isinstance(value, types.FunctionType | types.MethodType | type):
        return name_of(value)
    if isinstance(value, list | tuple | dict) and len(value) > 20:
        return f"{type(value).__name__} of {len(value)}"
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = type(value).__name__
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."


def identify(values: Mapping[str, Any]) -> Identity:
    """Return the fingerprint of each of several values."""
    return {name: fingerprint(value) for name, value in values.items()}


def identify_function(name: str, function: Any) -> Identity:
    """Return the fingerprints of a function: of its code, and of each variable of its closure by name."""
    inner = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    cells = getattr(inner, "__closure__", None) or ()
    if not isinstance(inner, types.FunctionType) or inner is not function or not cells:
        return {name: fingerprint(function)}
    hasher = _Hasher()
    hasher.add_function(function, with_closure=False)
    hasher.add_reached_code()
    parts = {name: Fingerprint(hasher.digest(), describe(function), hasher.certain)}
    for variable, cell in zip(inner.__code__.co_freevars, cells, strict=True):
        parts[f"the variable {variable!r} that {name} uses"] = fingerprint(_contents(cell))
    return parts


def identify_space(name: str, space: Space) -> Identity:
    """Return the fingerprints of a space, one per parameter, and one of their order."""
    parts: dict[str, list[Any]] = {}
    for gene in space.genes:
        where = name + "".join(f"[{key!r}]" for key in gene.path)
        parts.setdefault(where, []).append((gene.structural, gene.distribution))
    names = ", ".join(dict.fromkeys(".".join(map(str, gene.path)) for gene in space.genes))
    whole = fingerprint(space.signature(), f"{names[:MAX_TEXT]} in this order, and with their constants")
    identity = {}
    for where, found in parts.items():
        listed = [one for one in found if not isinstance(one[1], Word) or one[1].index == 0]
        text = _in_words(*listed[0]) if len(listed) == 1 else f"{len(listed)} alternatives"
        identity[where] = fingerprint(found, text)
    return {**identity, f"{name}, as a whole": whole}


def _in_words(is_structural: bool, distribution: Distribution) -> str:
    """Return a distribution as the user would write it."""
    if isinstance(distribution, ChoiceDistribution):
        if is_structural:
            return f"a choice among {len(distribution.values)} alternatives"
        values = short(list(distribution.values), MAX_TEXT, digits=None)
        even = isinstance(distribution.probabilities, str)
        return values if even else f"{values} with probabilities {short(list(distribution.probabilities), MAX_TEXT)}"
    if is_structural and isinstance(distribution, UniformDistribution):
        return f"{distribution.low} to {distribution.high} elements"
    if isinstance(distribution, Word):
        return short(repr(distribution.subset), MAX_TEXT)
    kind: Any = type(distribution)
    if is_dataclass(kind):
        given = [field for field in fields(kind) if getattr(distribution, field.name) is not field.default]
        arguments = ", ".join(f"{field.name}={getattr(distribution, field.name)!r}" for field in given)
        return short(f"{type(distribution).__name__}({arguments})", MAX_TEXT)
    return describe(distribution)


def compare(old: Identity, new: Identity) -> list[str]:
    """Return what differs, in words; nothing if the two are the same."""
    names = [name for name in {**old, **new} if not same(old.get(name), new.get(name))]
    # The whole says nothing that its parts do not say better.
    parts = [name for name in names if not name.endswith(", as a whole")]
    lines = []
    for name in parts or names:
        if not all(one.certain for one in (old.get(name), new.get(name)) if one is not None):
            lines.append(f"{name}: {UNKNOWN}")
            continue
        was = "nothing" if name not in old else old[name].text
        is_now = "nothing" if name not in new else new[name].text
        if was == is_now:
            lines.append(f"{name}: {ALIKE}: {is_now}")
        else:
            lines.append(f"{name}: was {was}, is {is_now}")
    return lines


def same(one: Fingerprint | None, other: Fingerprint | None) -> bool:
    """Return whether two things are known to be the same."""
    return one is not None and other is not None and one.digest == other.digest


def _contents(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return ()


def _has(value: Any, *names: str) -> bool:
    """Return whether the class of an object has these attributes; some objects claim to have any."""
    return all(hasattr(type(value), name) for name in names)


class _Hasher:
    """Feeds objects into a hash, each with its kind and length, so that no two differ only in where they are cut."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self._path: list[int] = []  # objects that are being added: those that hold themselves end there
        self._is_frozen = False  # whether what an estimator has learnt is part of it
        self._reached: dict[int, Any] = {}  # functions and classes of the user, by id
        self.certain = True

    def digest(self) -> str:
        return self._hash.hexdigest()

    def _feed(self, kind: str, content: Any = b"") -> None:
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self._hash.update(struct.pack("<4sQ", kind.encode(), len(data)))
        self._hash.update(data)

    def add(self, value: Any) -> None:
        """Add any object."""
        if value is None or isinstance(value, bool):
            self._feed("std", repr(value))
        elif type(value) is int:
            self._feed("int", hex(value))
        elif type(value) is float:
            self._feed("real", struct.pack("<d", value if not math.isnan(value) else math.nan))
        elif type(value) is str:
            self._feed("str", value)
        elif isinstance(value, bytes | bytearray):
            self._feed("byte", bytes(value))
        elif id(value) in self._path or len(self._path) > MAX_DEPTH:
            self._feed("self", str(len(self._path) - self._path.index(id(value))) if id(value) in self._path else "")
        else:
            self._path.append(id(value))
            try:
                self._add_composed(value)
            except Exception:  # it does not let itself be looked at
                self._unknowable(value)
            finally:
                self._path.pop()

    def _add_composed(self, value: Any) -> None:
        """Add an object that holds others."""
        if isinstance(value, np.ma.MaskedArray):
            self._add_all("mask", [np.ma.getmaskarray(value), value.filled()])
        elif isinstance(value, np.ndarray | np.generic):
            self._add_array(np.asarray(value))
        elif isinstance(value, list | tuple) and type(value).__reduce__ is object.__reduce__:
            self._feed("seq", type(value).__qualname__)
            self._add_sequence(value)
        elif type(value) is dict or isinstance(value, types.MappingProxyType):
            self._add_unordered("dict", value.items())
        elif isinstance(value, set | frozenset):
            self._add_unordered("set" if isinstance(value, set) else "fset", value)
        elif isinstance(value, type):
            self._add_name("type", value)
        elif isinstance(value, PurePath):
            self._feed("path", str(value))
        elif isinstance(value, types.ModuleType):
            self._feed("mod", value.__name__)
        elif isinstance(value, types.CodeType):
            self._add_code(value)
        elif isinstance(value, types.FunctionType):
            self.add_function(value)
        elif isinstance(value, types.MethodType):
            self._add_all("meth", [value.__func__, value.__self__])
        elif isinstance(value, types.BuiltinFunctionType) and not isinstance(value.__self__, types.ModuleType | None):
            self._add_all("meth", [value.__name__, value.__self__])
        elif isinstance(value, np.random.RandomState):
            self._add_all("rng", value.get_state(legacy=True))  # type: ignore[arg-type]
        elif isinstance(value, ScipyDistribution | Distribution):
            self._add_distribution(value)
        elif _has(value, "get_params", "set_params"):
            self._add_estimator(value)
        elif _has(value, "tocoo", "nnz"):
            coo = value.tocoo()
            self._add_all("spar", [value.format, value.shape, coo.data, np.asarray(coo.row), np.asarray(coo.col)])
        elif _has(value, "columns", "dtypes"):
            self._add_table(value)
        elif _has(value, "__array__", "dtype", "shape"):  # a Series, a tensor
            here = value.detach().cpu() if _has(value, "detach", "cpu") else value  # a weight of a torch module
            self._add_all("ser", [str(value.dtype), getattr(value, "name", None), np.asarray(here)])
        else:
            self._add_object(value)

    def _add_all(self, kind: str, parts: Sequence[Any]) -> None:
        self._feed(kind, str(len(parts)))
        for part in parts:
            self.add(part)

    def _add_sequence(self, values: Sequence[Any]) -> None:
        if len(values) > 20 and all(type(value) is str for value in values):  # texts: at once
            self._feed("strs", struct.pack(f"<{len(values)}Q", *map(len, values)))
            self._feed("str", "".join(values))
        else:
            self._add_all("all", values)

    def _add_unordered(self, kind: str, parts: Iterable[Any]) -> None:
        digests = []
        for part in parts:
            hasher = _Hasher()
            hasher._path, hasher._is_frozen, hasher._reached = self._path, self._is_frozen, self._reached
            hasher.add(part)
            self.certain &= hasher.certain
            digests.append(hasher._hash.digest())
        self._feed(kind, b"".join(sorted(digests)))

    def _add_array(self, array: np.ndarray) -> None:
        self._feed("arr", f"{array.dtype.str} {array.dtype.fields} {array.shape}")
        if array.dtype.hasobject:
            self._add_sequence(array.ravel().tolist())
        elif array.size:
            self._feed("data", np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)

    def _add_table(self, table: Any) -> None:
        self._feed("tab", type(table).__qualname__)
        self._add_all("cols", list(table.columns))
        index = getattr(table, "index", None)
        if index is not None and not callable(index):
            self.add(np.asarray(index))
        for position, dtype in enumerate(list(table.dtypes)):
            column = table.iloc[:, position] if hasattr(table, "iloc") else table[table.columns[position]]
            self._add_all("col", [str(dtype), np.asarray(column)])

    def _add_code(self, code: types.CodeType) -> None:
        parts = [code.co_code, code.co_consts, code.co_names, code.co_varnames, code.co_freevars]
        self._add_all("code", parts)

    def add_function(self, function: types.FunctionType, with_closure: bool = True) -> None:
        """Add a function, with or without the variables around it."""
        self._add_name("func", function)
        cells = [_contents(cell) for cell in function.__closure__ or () if with_closure]
        self._add_all("clos", [function.__defaults__, function.__kwdefaults__, cells])

    def _add_name(self, kind: str, thing: Any) -> None:
        """Add the name of a function or class; its code comes at the end, if it is the user's."""
        self._feed(kind, name_of(thing))
        if not is_installed(thing.__module__):
            self._reached.setdefault(id(thing), thing)

    def add_reached_code(self) -> None:
        """Add the code of all functions and classes of the user that were met, and of those that they lead to."""
        digests: dict[int, bytes] = {}
        while new := [(key, thing) for key, thing in self._reached.items() if key not in digests]:
            for key, thing in new:
                content, others = code_of(thing)
                hasher = _Hasher()
                hasher._add_all("code", [name_of(thing), content])
                digests[key] = hasher._hash.digest()
                for other in others:
                    if not is_installed(other.__module__):
                        self._reached.setdefault(id(other), other)
        self._feed("own", b"".join(sorted(digests.values())))

    def _add_distribution(self, distribution: Distribution) -> None:
        self._feed("dist", type(distribution).__qualname__)
        if isinstance(distribution, ChoiceDistribution):
            self._add_all("cho", [distribution.values, distribution.edges()])
        elif isinstance(distribution, ScipyDistribution):
            # scipy's own objects hold caches and generators: what they are is what they return.
            self.add(type(getattr(distribution.frozen, "dist", distribution.frozen)))
            values = [distribution.ppf(k / 128) for k in range(129)]
            self._add_all("ppf", [f"{value:.12g}" for value in values])
        elif isinstance(distribution, RvsDistribution):
            self.add(distribution.source)
        else:
            self._add_name("type", type(distribution))
            self.add(distribution.__getstate__())

    def _add_estimator(self, estimator: Any) -> None:
        if self._is_frozen:
            self._add_object(estimator)
            return
        self.add(type(estimator))
        self.add(estimator.get_params(deep=False))
        clone = getattr(type(estimator), "__sklearn_clone__", None)
        if clone is not None and clone.__module__ != "sklearn.base":  # it and its parts keep what they have learnt
            self._is_frozen = True
            self.add(vars(estimator))
            self._is_frozen = False

    def _add_object(self, value: Any) -> None:
        """Add what an object is pickled as, without pickling it."""
        reducer = copyreg.dispatch_table.get(type(value))
        reduced = value.__reduce_ex__(4) if reducer is None else reducer(value)
        if isinstance(reduced, str):
            self._feed("name", f"{getattr(value, '__module__', None)}.{reduced}")
            return
        function, args, state, items, pairs = (*reduced, None, None, None)[:5]
        self.add(type(value))
        self._add_all("obj", [function, args, state, list(items or ()), dict(pairs or ())])

    def _unknowable(self, value: Any) -> None:
        self.certain = False
        self._feed("none", f"{type(value).__qualname__} {uuid.uuid4()}")
