"""What a fitted search and the result of `optimize` can be asked for."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from geneticsearch.report._card import card
from geneticsearch.report._page import write_report
from geneticsearch.results import History, frame_of, history_of


class Inspectable:
    """Shows what became of the candidates."""

    @cached_property
    def _history_(self) -> History:
        """What became of the candidates; called like a fitted attribute, so that a new `fit` forgets it."""
        return history_of(self)

    def to_frame(self) -> Any:
        """Return the candidates as a pandas DataFrame.

        Returns
        -------
        DataFrame
            A row per evaluated candidate, in the order of their numbers, with the columns

            - ``number``, ``generation``, ``species`` (if there are several), ``origin`` and ``parents`` (numbers): see
              `Individual`;
            - ``score``, NaN for a candidate that failed; ``start``, when its evaluation began (UTC), and ``duration``,
              the seconds until the end of its last fold;
            - ``param_*`` for each parameter, missing where a candidate does not have it;
            - of a `GeneticSearchCV`, the times, scores and ranks of `cv_results_`, of all metrics.

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from geneticsearch import optimize
        >>> result = optimize(lambda params: params["x"] ** 2, {"x": [-1, 0, 2]})
        >>> result.to_frame()[["number", "origin", "param_x", "score"]]
           number      origin  param_x  score
        0       0  exhaustive       -1    1.0
        1       1  exhaustive        0    0.0
        2       2  exhaustive        2    4.0
        """
        return frame_of(self._history_)

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write a web page about the search: see `write_report`.

        Parameters
        ----------
        path : str or path-like
            The file to write, such as ``"search.html"``.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        ImportError
            If matplotlib is not installed.
        """
        return write_report(self._history_, path)

    def _card(self) -> str:
        """Return a small piece of a web page; empty where there is nothing to show, since notebooks want no errors."""
        try:
            return card(self._history_)
        except Exception:
            return ""
