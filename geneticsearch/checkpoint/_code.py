"""The user's own code, as far as a function or a class leads to it; that of installed packages is known by version."""

from __future__ import annotations

import dis
import functools
import sys
import sysconfig
import types
from collections.abc import Iterator
from importlib import metadata
from typing import Any

_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})

_PLAIN = bool | int | float | complex | str | bytes | None

_CONTAINERS = (list, tuple, dict, set, frozenset)

_CHANGES = {
    *("STORE_SUBSCR", "DELETE_SUBSCR"),
    *("add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault"),
    *("sort", "update"),
}
"""Instructions, and names of methods, that change a container."""

_NOT_CODE = {
    "__annotations__",
    "__dict__",
    "__doc__",
    "__firstlineno__",
    "__module__",
    "__qualname__",
    "__slotnames__",
    "__static_attributes__",
    "__weakref__",
}


def is_installed(module: str | None) -> bool:
    """Return whether a module is part of Python or of an installed package, whose versions change as a whole."""
    if module is None or module == "__main__":
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    if module not in sys.modules:
        return False
    is_ours = module.partition(".")[0] == "geneticsearch"
    return is_ours or file is None or str(file).startswith(_INSTALLED) or "site-packages" in str(file)


@functools.cache
def version_of(module: str) -> str:
    """Return the package that a module belongs to, with its version; empty for Python's own."""
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names:
        return ""
    version = getattr(sys.modules.get(package), "__version__", None)
    if version is None:
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            return ""
    return f"{package} {version}"


def name_of(thing: Any) -> str:
    """Return the name of a function or class, with the version of its package if that is installed."""
    name = f"{thing.__module__}.{thing.__qualname__}"
    version = version_of(thing.__module__) if is_installed(thing.__module__) else ""
    return f"{name} of {version}" if version else name


def code_of(thing: Any) -> tuple[list[Any], list[Any]]:
    """Return the code of a function or class of the user, and the functions and classes that it leads to.

    Global variables and attributes of classes are part of it where they are plain values, or containers of such, that
    the code does not seem to change itself.

    Returns
    -------
    content : list
        What is compared: names, code objects and plain values.
    others : list of function or class
        What it calls, derives from or holds.
    """
    return _code_of_class(thing) if isinstance(thing, type) else _code_of_function(thing)


def _code_of_function(function: types.FunctionType) -> tuple[list[Any], list[Any]]:
    content: list[Any] = [function.__code__]
    others = []
    names = _Names(function.__code__)
    for name, value in _globals(function.__globals__, names.used):
        if isinstance(value, types.FunctionType | type):
            content.append([name, name_of(value)])
            others.append(value)
        elif names.keep(name.rpartition(".")[2], value):
            content.append([name, value])
    return content, others


def _globals(variables: dict[str, Any], names: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield the global variables that code uses, also those of the user's own modules."""
    for name in sorted(names & variables.keys()):
        value = variables[name]
        if isinstance(value, types.ModuleType):
            if not is_installed(value.__name__):
                for inner in sorted(names & vars(value).keys()):
                    yield f"{name}.{inner}", vars(value)[inner]
        else:
            yield name, value


def _code_of_class(cls: type) -> tuple[list[Any], list[Any]]:
    content: list[Any] = [[name_of(base) for base in cls.__bases__]]
    others: list[Any] = list(cls.__bases__)
    values = {}
    names = _Names()
    for name, value in sorted(vars(cls).items()):
        if name in _NOT_CODE:
            continue
        if _is_plain(value):
            values[name] = value
            continue
        for function in _functions_in(value):
            content.append([name, name_of(function)])
            others.append(function)
            if isinstance(function, types.FunctionType):
                names.add(function.__code__)
    content.append([[name, value] for name, value in values.items() if names.keep(name, value)])
    return content, others


def _functions_in(value: Any) -> list[Any]:
    """Return the functions and classes that an attribute of a class stands for."""
    if isinstance(value, types.FunctionType | type):
        return [value]
    wrapped = [getattr(value, name, None) for name in ("__func__", "fget", "fset", "func", "__wrapped__")]
    return [function for function in wrapped if isinstance(function, types.FunctionType | type)]


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Return whether a value can be compared: a number, a text, or a container of such."""
    if not isinstance(value, _CONTAINERS):
        return isinstance(value, _PLAIN)
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    return depth < 10 and all(_is_plain(part, depth + 1) for part in parts)


class _Names:
    """The names that code uses, in functions inside of it too, and what it does to what they stand for."""

    def __init__(self, code: types.CodeType | None = None) -> None:
        self.used: set[str] = set()
        self._stored: set[str] = set()
        self._near_changes: set[str] = set()  # used by code that changes some container, perhaps theirs
        if code is not None:
            self.add(code)

    def add(self, code: types.CodeType) -> None:
        """Add the names of some code."""
        self.used |= set(code.co_names)
        operations = set(code.co_names)
        for instruction in dis.get_instructions(code):
            operations.add(instruction.opname)
            if instruction.opname in ("STORE_GLOBAL", "STORE_ATTR"):
                self._stored.add(instruction.argval)
        if operations & _CHANGES:
            self._near_changes |= set(code.co_names)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                self.add(constant)

    def keep(self, name: str, value: Any) -> bool:
        """Return whether the code leaves the value that a name stands for as it is, and it can be compared."""
        changed = self._stored | (self._near_changes if isinstance(value, list | dict | set) else set())
        return name not in changed and _is_plain(value)
