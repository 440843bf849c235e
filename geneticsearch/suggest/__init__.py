"""What to search and where to begin, known before the first fit."""

from geneticsearch.suggest._parts import register_space
from geneticsearch.suggest._portfolio import decode
from geneticsearch.suggest._suggestion import suggest_initial, suggest_space

__all__ = ["decode", "register_space", "suggest_initial", "suggest_space"]
