"""What may watch a search: the callback protocol, a rule to stop, and adapters for MLflow and TensorBoard."""

from geneticsearch.callbacks._base import Callback, Outcome, SearchInfo
from geneticsearch.callbacks._base import StopReason as StopReason
from geneticsearch.callbacks._early_stopping import EarlyStopping
from geneticsearch.callbacks._mlflow import MLflowCallback
from geneticsearch.callbacks._progress import write_lines as write_lines
from geneticsearch.callbacks._tensorboard import TensorBoardCallback
from geneticsearch.callbacks._watchers import Watchers as Watchers

__all__ = ["Callback", "EarlyStopping", "MLflowCallback", "Outcome", "SearchInfo", "TensorBoardCallback"]
