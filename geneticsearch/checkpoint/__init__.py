"""What is remembered of a search, and how it begins again."""

from geneticsearch.checkpoint._identity import (
    Identity,
    describe,
    fingerprint,
    identify,
    identify_function,
    identify_space,
)
from geneticsearch.checkpoint._initial import compact_results, read_initial
from geneticsearch.checkpoint._journal import Checkpoint, Journal, load_history
from geneticsearch.checkpoint._record import CheckpointError, Header, Record, Result, plain, versions

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Header",
    "Identity",
    "Journal",
    "Record",
    "Result",
    "compact_results",
    "describe",
    "fingerprint",
    "identify",
    "identify_function",
    "identify_space",
    "load_history",
    "plain",
    "read_initial",
    "versions",
]
