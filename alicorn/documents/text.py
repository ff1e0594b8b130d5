"""How words are cut: the same for captions at index time and for queries.

NFKC, case folded, cut at everything that is neither letter, digit nor a mark on one (the vowel
signs of Hindi are marks); an apostrophe inside a word is dropped with what follows an English
possessive (``dog's`` -> ``dog``). Scripts written without spaces are cut into single characters
with their marks, so that they can be found at all.

`stem` takes off the English plural only (Harman's S-stemmer, with the exceptions that captions
need): words stay readable in plans and explanations, and it is nearly all that captions gain from
stemming.

References
----------
.. [1] Harman, "How effective is suffixing?", JASIS 42(1), 1991 (the S stemmer).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

__all__ = ["MAX_TOKEN_CHARS", "stem", "tokens"]

MAX_TOKEN_CHARS: Final = 64
"""Longer words are cut off: they are addresses and noise, and they fill the dictionary."""

_POSSESSIVE: Final = re.compile(r"['’]s?$|['’]")
# Lower-casing the Turkish capital leaves its dot behind.
_DOTTED_I: Final = re.compile("i\u0307+")

# Plurals whose ending says nothing: movies are not movys, lenses no lense, and caches no cach.
_ADD_S: Final = """
avalanche axe birdie brownie cache calorie collie cookie goalie headache hoodie magpie moustache
movie mustache necktie niche pixie prairie quiche rookie selfie smoothie toothache zombie
"""
_ADD_ES: Final = "bus echo gas hero lens mango mosquito potato tomato tornado volcano"
_IRREGULAR: Final = {
    **{f"{word}s": word for word in _ADD_S.split()},
    **{f"{word}es": word for word in _ADD_ES.split()},
    "lens": "lens",
}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds words, and what cuts those that are written without spaces.

    Made when the first text is cut: looking for every mark takes longer than loading the rest of a
    program that may have no text to cut.
    """
    # U+1E94A is the last mark of a script; the variation selectors far beyond are cut out.
    mark = "".join(
        chr(point) for point in range(0x300, 0x1E94B) if unicodedata.category(chr(point))[0] == "M"
    )
    letters = rf"[^\W_]+(?:[{mark}]+[^\W_]*)*"
    word = re.compile(rf"{letters}(?:['’]{letters})*")
    # Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar: written without spaces between words.
    unspaced = re.compile(
        f"((?![{mark}])[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff"
        f"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff][{mark}]*)"
    )
    return word, unspaced


def tokens(text: str) -> list[str]:
    """Return the words of ``text`` in order, normalised, not stemmed.

    >>> tokens("The DOG's 2 balls, at Café-Olé")
    ['the', 'dog', '2', 'balls', 'at', 'café', 'olé']
    """
    found: list[str] = []
    words, unspaced = _patterns()
    for match in words.finditer(_folded(text)):
        word = _POSSESSIVE.sub("", match.group())
        # Most words need no second look.
        parts = [word] if word.isascii() else unspaced.split(word)
        found.extend(part[:MAX_TOKEN_CHARS] for part in parts if part)
    return found


def _folded(text: str) -> str:
    folded = _DOTTED_I.sub("i", unicodedata.normalize("NFKC", text).casefold())
    # Folding can undo the normal form.
    return unicodedata.normalize("NFKC", folded)


def stem(word: str) -> str:
    """Return ``word`` without its English plural ending.

    >>> [stem(w) for w in ("cats", "berries", "glass", "buses", "beaches", "selfies")]
    ['cat', 'berry', 'glass', 'bus', 'beach', 'selfie']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and not word.endswith(("aies", "eies")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "tzes", "zzes")):
        return word[:-2]
    return word[:-1]
