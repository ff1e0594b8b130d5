"""The parts of the serving path that an evaluation can leave out, to see what each is worth.

projection         words that name no concept are not matched by their meaning
common-component   what all word vectors have in common stays in the query's
ancestors          what broader terms say does not count
languages          only English is understood
second-stage       the first stage's order stays
first-stage        the concept score's order stays; the second stage, which reads the first
                   stage's score, is left out with it
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["TRAINED", "Switch"]


class Switch(StrEnum):
    """A part of the serving path that can be left out."""

    PROJECTION = "projection"
    COMMON_COMPONENT = "common-component"
    ANCESTORS = "ancestors"
    LANGUAGES = "languages"
    SECOND_STAGE = "second-stage"
    FIRST_STAGE = "first-stage"


TRAINED: Final = frozenset({Switch.FIRST_STAGE, Switch.SECOND_STAGE})
"""What was trained on judged photos: without them every photo may judge."""
