"""Paths, values and structures in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geneticsearch.space._tree import _Constant, _Dict, _Leaf, _Node


def _labels(options: Sequence[_Node], prefix: str = "") -> tuple[str, ...]:
    """Return a different name for each option of a branch."""
    labels = [prefix + _label(option, named=not prefix) for option in options]
    return tuple(x if x and labels.count(x) == 1 else f"{x}#{i}" for i, x in enumerate(labels))


def _label(node: _Node, named: bool = True) -> str:
    """Return a name for what a branch stands for: its fixed values, else the kind of its distribution."""
    if isinstance(node, _Constant):
        return _name(node.value)
    if isinstance(node, _Leaf):
        return type(node.distribution).__name__.removesuffix("Distribution")
    if isinstance(node, _Dict):
        children = [(key, child) for key, child in node.items if child.size == 1]
        return ", ".join(f"{key}={_label(child)}" if named else _label(child) for key, child in children)
    return ""


def _name(value: Any) -> str:
    """Return a short name: the class of an estimator, the text of anything else."""
    if isinstance(value, str):
        return value
    if hasattr(value, "get_params") or hasattr(value, "__name__"):
        return str(getattr(value, "__name__", type(value).__name__))
    text = repr(value)
    return text if len(text) <= 30 else f"{text[:27]}..."


def path_in_words(path: tuple[Any, ...]) -> str:
    """Return a path as users write it."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
