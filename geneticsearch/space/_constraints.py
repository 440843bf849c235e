"""Rules that a space cannot express."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from geneticsearch._errors import ArgumentError, ArgumentTypeError


class Constraints:
    """The functions that decide which parameters are allowed.

    Parameters
    ----------
    constraints : callable, list of callable or None
        Each takes a dict of parameters and returns whether they are allowed. They are called in order until one
        refuses.
    """

    def __init__(self, constraints: Any) -> None:
        self._functions: dict[str, Callable[[dict[str, Any]], Any]] = {}
        if callable(constraints):
            self._functions["`constraints`"] = constraints
        elif isinstance(constraints, list | tuple):
            self._functions = {f"`constraints[{i}]`": function for i, function in enumerate(constraints)}
        elif constraints is not None:
            raise ArgumentTypeError(
                "`constraints` must be a function that takes a dict of parameters and returns whether they are "
                f"allowed, or a list of such functions; got {constraints!r}."
            )
        for name, function in self._functions.items():
            if not callable(function) or inspect.iscoroutinefunction(function):
                raise ArgumentTypeError(
                    f"{name} must be a function that takes a dict of parameters and returns whether they are allowed; "
                    f"got {function!r}."
                )
        self._n_refused = dict.fromkeys(self._functions, 0)

    def __bool__(self) -> bool:
        return bool(self._functions)

    def allow(self, params: dict[str, Any]) -> bool:
        """Return whether all constraints allow these parameters.

        Parameters
        ----------
        params : dict
            Parameters; those that an individual does not have are left out.

        Returns
        -------
        bool

        Raises
        ------
        ValueError
            If a constraint raises an error, or returns nothing that is true or false.
        """
        for name, function in self._functions.items():
            try:
                answer = function(params)
                allowed = bool(answer)
            except Exception as error:
                hint = (
                    " Parameters that a candidate does not have are not in the dict: use `params.get`."
                    if isinstance(error, KeyError)
                    else ""
                )
                raise ArgumentError(
                    f"{name} must return whether parameters are allowed; it raised {error!r} for {params!r}.{hint}"
                ) from error
            if answer is None:
                raise ArgumentError(f"{name} must return whether parameters are allowed; got None for {params!r}.")
            if not allowed:
                self._n_refused[name] += 1
                return False
        return True

    def unsatisfiable(self, all_of: str) -> ArgumentError:
        """Return the error that nothing is allowed, with the number of refusals so far."""
        counts = [f"{name} refused {n}" for name, n in self._n_refused.items() if n]
        order = ", each counted with the first that refused it" if len(counts) > 1 else ""
        return ArgumentError(
            f"`constraints` must allow some parameters of the space; they refused {all_of}: {', '.join(counts)}{order}."
        )
