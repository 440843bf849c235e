"""The one loop, and where calls run."""

from geneticsearch.evaluation._calls import Call, Failure
from geneticsearch.evaluation._choice import check_timeout, pooled_or_here
from geneticsearch.evaluation._ladder import Ladder
from geneticsearch.evaluation._loop import Limits
from geneticsearch.evaluation._racing import Race, fold_order
from geneticsearch.evaluation._runner import Runner
from geneticsearch.evaluation._workers import EventLoop, Workers, is_async

__all__ = [
    "Call",
    "EventLoop",
    "Failure",
    "Ladder",
    "Limits",
    "Race",
    "Runner",
    "Workers",
    "check_timeout",
    "fold_order",
    "is_async",
    "pooled_or_here",
]
