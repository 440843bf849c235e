"""An individual is one call of a function: the problem of `optimize`."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.checkpoint import Result
from geneticsearch.evaluation import Call, Failure
from geneticsearch.evolution import Individual
from geneticsearch.space import own_copy


def names_of_objectives(n_objectives: int) -> list[str]:
    """Return what the objectives of a function are called."""
    return [f"objective {i}" for i in range(n_objectives)]


class FunctionProblem:
    """A function to optimize, as a problem of one call per individual."""

    def __init__(
        self, fn: Callable[[dict[str, Any]], Any], coroutines: bool, raises: bool, n_objectives: int = 0
    ) -> None:
        self._raises = raises
        self._n_objectives = n_objectives
        self._fn: Callable[[dict[str, Any]], Any] = (_async_number if coroutines else _Number)(fn, n_objectives)

    def calls(self, individual: Individual) -> list[Call]:
        return [(self._fn, (individual.params,), {})]

    def result(self, call: Call, outcome: Any) -> Result:
        if isinstance(outcome, Failure):
            if self._raises:
                raise outcome.error
            return Result(math.nan, outcome.text, outcome.cause)
        scores = outcome if self._n_objectives else [outcome]
        if not all(map(math.isfinite, scores)):
            what = f"{self._n_objectives} finite numbers" if self._n_objectives else "a finite number"
            return Result(math.nan, f"`fn` must return {what}; got {outcome!r}.", "value")
        if self._n_objectives:
            return Result(dict(zip(names_of_objectives(self._n_objectives), scores, strict=True)))
        return Result(outcome)

    def score(self, results: list[Result]) -> float | tuple[float, ...]:
        (result,) = results
        if not self._n_objectives:
            assert isinstance(result.scores, float)
            return result.scores
        return tuple(result.scores.values()) if isinstance(result.scores, dict) else (math.nan,) * self._n_objectives

    def standard_error(self, results: list[Result]) -> float:
        return 0.0

    def pack(self, result: Result) -> Result:
        return result

    def unpack(self, result: Result) -> Result:
        is_score = isinstance(result.scores, float) if not self._n_objectives or result.error else False
        if not is_score and len(result.by_metric) != self._n_objectives:
            raise TypeError("a function has a score by each objective.")
        return result

    def fail_from_the_start(self, errors: list[str]) -> None:
        if len({_kind_of_error(error) for error in errors}) == 1 and "Traceback" in errors[0]:
            raise ArgumentError(
                f"the first {len(errors)} evaluations of `fn` all failed in the same way; if parameters may do so, "
                f"return NaN for them. The first one failed with:\n{errors[0]}"
            )


def _kind_of_error(text: str) -> tuple[str, str]:
    """Return the type of an error and the line that raised it."""
    lines = text.strip().splitlines()
    places = [line for line in lines if line.startswith("  File ")]
    return lines[-1].partition(":")[0], places[-1] if places else ""


@dataclass(frozen=True)
class _Number:
    """A function that must return a number, or as many as there are objectives."""

    fn: Callable[[dict[str, Any]], Any]
    n_objectives: int

    def __call__(self, params: dict[str, Any]) -> Any:
        return _as_scores(self.fn(own_copy(params)), self.n_objectives)


def _async_number(fn: Callable[[dict[str, Any]], Any], n_objectives: int) -> Callable[[dict[str, Any]], Awaitable[Any]]:
    """Return a coroutine function that must return a number, or several."""

    async def number(params: dict[str, Any]) -> Any:
        return _as_scores(await fn(own_copy(params)), n_objectives)

    return number


class NotANumber(ValueError):
    """A function returned what no score can be made of."""


def _as_scores(value: Any, n_objectives: int) -> Any:
    """Return `value` as a float, or as a tuple of a float for each of several objectives, or raise."""
    if not n_objectives:
        return _as_score(value)
    is_several = hasattr(value, "__iter__") and not isinstance(value, str | bytes | bytearray | dict)
    values = list(value) if is_several else []
    if len(values) != n_objectives:
        raise NotANumber(f"`fn` must return {n_objectives} numbers, a score by each objective; got {value!r}.")
    return tuple(map(_as_score, values))


def _as_score(value: Any) -> float:
    """Return `value` as a float, or raise."""
    if inspect.iscoroutine(value):
        value.close()
        raise NotANumber("`fn` must return a number; got a coroutine. Pass the `async def` function itself.")
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, str | bytes | bytearray):  # which `float` would take
        raise NotANumber(f"`fn` must return a number; got {value!r}.")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        raise NotANumber(f"`fn` must return a number; got {value!r}.") from None
