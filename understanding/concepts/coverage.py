"""Which of a list of labels the taxonomy can find by their own names.

An evaluation by exact names is fair for these only: the others need the picture or the words'
meaning. Labels are folder names, so they are first written as somebody would type them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from alicorn.documents.text import tokens
from understanding.concepts.lexicon import Lexicon

__all__ = ["VIEWS", "covered", "query_of_label"]

VIEWS: Final = frozenset({"side", "face", "head", "body"})
"""Words at the end of a label that say how a thing is shown: ``car_side``, ``cougar_body``."""


def query_of_label(label: str) -> str:
    """Return ``label`` as a query: spaces, lower case, without the view.

    >>> [query_of_label(label) for label in ("soccer_ball", "car_side", "Faces")]
    ['soccer ball', 'car', 'faces']
    """
    words = label.replace("_", " ").lower().split()
    if len(words) > 1 and words[-1] in VIEWS:
        words.pop()
    return " ".join(words)


def covered(labels: Iterable[str], lexicon: Lexicon | None = None) -> list[str]:
    """Return the ``labels`` that name a leaf or an ancestor, in the order given.

    >>> covered(["soccer_ball", "yin_yang", "car_side", "Crab"])
    ['soccer_ball', 'car_side', 'Crab']
    """
    known = lexicon or Lexicon.load()
    return [label for label in labels if known.lookup(tuple(tokens(query_of_label(label))))]
