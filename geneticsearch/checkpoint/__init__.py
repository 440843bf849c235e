"""What is remembered of a search, and how it begins again."""

from geneticsearch.checkpoint._begin import Beginning, WarmStart, begin
from geneticsearch.checkpoint._identity import (
    Identity,
    describe,
    fingerprint,
    identify,
    identify_function,
    identify_space,
)
from geneticsearch.checkpoint._journal import Memory, Stored, as_trials, load_history
from geneticsearch.checkpoint._record import (
    CheckpointError,
    decode_split,
    encode_split,
    lineage,
    plain,
    shorten,
    versions,
)

__all__ = [
    "Beginning",
    "CheckpointError",
    "Identity",
    "Memory",
    "Stored",
    "WarmStart",
    "as_trials",
    "begin",
    "decode_split",
    "describe",
    "encode_split",
    "fingerprint",
    "identify",
    "identify_function",
    "identify_space",
    "lineage",
    "load_history",
    "plain",
    "shorten",
    "versions",
]
