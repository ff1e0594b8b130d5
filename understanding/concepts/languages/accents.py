"""Letters without their accents: what people type who have no such keys.

``vélo`` and ``velo``, ``łódź`` and ``lodz`` are equal when both are written `unaccented`. Letters
that Unicode does not take apart are replaced by what stands on every keyboard.

>>> [unaccented(word) for word in ("vélo", "łódź", "smørrebrød", "œuf", "狗")]
['velo', 'lodz', 'smorrebrod', 'oeuf', '狗']
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["unaccented"]

_WHOLE: Final = (
    ("ł", "l"),
    ("ø", "o"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("đ", "d"),
    ("ð", "d"),
    ("þ", "th"),
    ("ı", "i"),
)
_MARKS: Final = re.compile("[\u0300-\u036f]+")


def unaccented(text: str) -> str:
    """Return ``text`` without the accents on its letters.

    Parameters
    ----------
    text : str
        Lower case.
    """
    if text.isascii():
        return text
    # Ten times as fast as `str.translate` on the names of a whole language.
    for letter, plain in _WHOLE:
        text = text.replace(letter, plain)
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _MARKS.sub("", apart))
