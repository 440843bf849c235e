"""The one loop, and where calls run."""

from geneticsearch.evaluation._calls import Call, Failure
from geneticsearch.evaluation._choice import pooled_or_here
from geneticsearch.evaluation._loop import Limits, evaluate
from geneticsearch.evaluation._workers import EventLoop, Workers, is_async

__all__ = ["Call", "EventLoop", "Failure", "Limits", "Workers", "evaluate", "is_async", "pooled_or_here"]
