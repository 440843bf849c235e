"""Every private name of scikit-learn that we touch, and nothing else."""

from __future__ import annotations

import sys
import traceback
import types
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from sklearn import get_config
from sklearn.base import _fit_context
from sklearn.model_selection import _search

from geneticsearch.callbacks import write_lines
from geneticsearch.evaluation import Call

# scikit-learn

Method = TypeVar("Method", bound=Callable[..., Any])


def fit_context(method: Method) -> Method:
    """Validate the parameters of an estimator by its `_parameter_constraints` before `method`, its fit."""
    decorated: Method = _fit_context(prefer_skip_nested_validation=False)(method)
    return decorated


def base_search_fit(parallel: Callable[..., Any], tell_failures: Callable[..., None]) -> Callable[..., Any]:
    """Return `BaseSearchCV.fit` with another `Parallel` in its globals.

    Everything that a search does around its fits (splitting, routing, scoring, refitting, callbacks) stays that of the
    installed scikit-learn, without patching it for anyone else: the function is copied, its code is not.

    Parameters
    ----------
    parallel : callable
        Stands in for the class `Parallel`.
    tell_failures : callable
        Given scikit-learn's function that warns of failed fits, or raises if all failed, and that function's arguments.
    """
    original = _search.BaseSearchCV.fit
    function: Any = getattr(original, "__wrapped__", original)
    warn_or_raise = _search._warn_or_raise_about_fit_failures
    namespace = {
        **function.__globals__,
        "Parallel": parallel,
        "print": lambda text: write_lines([text], file=sys.stdout),  # a full or closed one does not end the search
        "_warn_or_raise_about_fit_failures": partial(tell_failures, warn_or_raise),
    }
    return types.FunctionType(
        function.__code__, namespace, function.__name__, function.__defaults__, function.__closure__
    )


def failed_fit(call: Call, error: BaseException) -> dict[str, Any]:
    """Return what scikit-learn's `_fit_and_score` would, had the fit ended with `error` inside of it."""
    kwargs = call[2]
    scorer, error_score = kwargs["scorer"], kwargs["error_score"]
    names = getattr(scorer, "_scorers", None)  # of several metrics, unless a function returns them
    scores = error_score if names is None else dict.fromkeys(names, error_score)
    result = {
        "fit_error": "".join(traceback.format_exception(error)),
        "test_scores": scores,
        "n_test_samples": len(kwargs["test"]),
        "fit_time": 0.0,
        "score_time": 0.0,
    }
    return {**result, "train_scores": scores} if kwargs["return_train_score"] else result


def fail_result(result: dict[str, Any], reason: str, error_score: Any) -> None:
    """Turn the result of a fit into that of a failed one."""
    score = error_score if error_score != "raise" else float("nan")
    scores = result["test_scores"]
    result["test_scores"] = dict.fromkeys(scores, score) if isinstance(scores, dict) else score
    result["fit_error"] = reason


def set_caller(call: Call, caller: Any) -> None:
    """Let another object than the search itself travel with a call, from scikit-learn 1.9 on."""
    if "caller" in call[2]:
        call[2]["caller"] = caller


def set_config(call: Call) -> None:
    """Give scikit-learn's delayed function the configuration and warning filters of this thread."""
    function: Any = call[0]
    if hasattr(function, "with_config_and_warning_filters"):  # scikit-learn 1.7 and later
        filters = getattr(warnings, "_get_filters", lambda: warnings.filters)()
        function.with_config_and_warning_filters(get_config(), filters)
    else:
        function.with_config(get_config())
