"""What is remembered of a search, and how it begins again."""

from geneticsearch.checkpoint._cross_validation import folds_to_meet, identify_cv, identify_estimator
from geneticsearch.checkpoint._identity import Identity, identify, identify_function, identify_space
from geneticsearch.checkpoint._initial import Initial, compact_results, new_header, read_initial
from geneticsearch.checkpoint._journal import Checkpoint, Journal, load_history
from geneticsearch.checkpoint._lock import is_held
from geneticsearch.checkpoint._record import CheckpointError, Fold, Header, Result, plain, versions

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Fold",
    "Header",
    "Identity",
    "Initial",
    "Journal",
    "Result",
    "compact_results",
    "folds_to_meet",
    "identify",
    "identify_cv",
    "identify_estimator",
    "identify_function",
    "identify_space",
    "is_held",
    "load_history",
    "new_header",
    "plain",
    "read_initial",
    "versions",
]
