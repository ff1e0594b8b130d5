"""The vectors of words that ship, where there are any."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from understanding.concepts.words.space import WordSpace

__all__ = ["shipped_words"]

_MODULE = "understanding.concepts.words.distilled"


def shipped_words() -> WordSpace | None:
    """Return the shipped vectors; None where none ship."""
    if find_spec(_MODULE) is None:
        return None
    module: Any = import_module(_MODULE)
    words: WordSpace = module.load_words()
    return words
