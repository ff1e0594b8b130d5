"""How words are cut: the same for captions at index time and for queries.

NFKC, case folded, cut at everything that is neither letter nor digit; an apostrophe inside a word
is dropped with what follows an English possessive (``dog's`` -> ``dog``). Scripts written without
spaces are cut into single characters, so that they can be found at all.

`stem` takes off the English plural only (Harman's S-stemmer): words stay readable in plans and
explanations, and it is nearly all that captions gain from stemming.

References
----------
.. [1] Harman, "How effective is suffixing?", JASIS 42(1), 1991 (the S stemmer).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["MAX_TOKEN_CHARS", "stem", "tokens"]

MAX_TOKEN_CHARS: Final = 64
"""Longer words are cut off: they are addresses and noise, and they fill the dictionary."""

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE: Final = re.compile(r"['’]s?$|['’]")
# Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar: written without spaces between words.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\U00020000-\U0002ffff]"
)


def tokens(text: str) -> list[str]:
    """Return the words of ``text`` in order, normalised, not stemmed.

    >>> tokens("The DOG's 2 balls, at Café-Olé")
    ['the', 'dog', '2', 'balls', 'at', 'café', 'olé']
    """
    found: list[str] = []
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text).casefold()):
        word = _POSSESSIVE.sub("", match.group())
        if _UNSPACED.search(word):
            found.extend(part for part in re.split(f"({_UNSPACED.pattern})", word) if part)
        elif word:
            found.append(word[:MAX_TOKEN_CHARS])
    return found


def stem(word: str) -> str:
    """Return ``word`` without its English plural ending.

    >>> [stem(w) for w in ("cats", "berries", "glass", "bus", "beaches", "gas")]
    ['cat', 'berry', 'glass', 'bus', 'beach', 'gas']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and not word.endswith(("aies", "eies")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]
