"""A search as a web page, and as a card in a notebook."""

from geneticsearch.report._page import card, write_report

__all__ = ["card", "write_report"]
