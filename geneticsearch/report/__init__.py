"""A search as a web page, and as a card in a notebook."""

from geneticsearch.report._inspection import Inspectable
from geneticsearch.report._page import write_report

__all__ = ["Inspectable", "write_report"]
