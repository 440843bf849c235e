"""What is remembered of a search, and how it begins again."""

from geneticsearch.checkpoint._identity import (
    Fingerprint,
    Identity,
    describe,
    fingerprint,
    identify,
    identify_function,
    identify_space,
)
from geneticsearch.checkpoint._initial import Initial, compact_results, new_header, read_initial
from geneticsearch.checkpoint._journal import Checkpoint, Journal, load_history
from geneticsearch.checkpoint._record import (
    CheckpointError,
    Fold,
    Header,
    Record,
    Result,
    plain,
    same_folds,
    versions,
)

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Fingerprint",
    "Fold",
    "Header",
    "Identity",
    "Initial",
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
    "new_header",
    "plain",
    "read_initial",
    "same_folds",
    "versions",
]
