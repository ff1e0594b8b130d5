"""Emoji as words: a table for the usual ones, the characters' Unicode names for the rest.

A Unicode name is searched for the longest term that names a concept: DOG FACE -> *dog*, FACE WITH
COWBOY HAT -> *cowboy hat*. Variation selectors and skin tones change nothing; of a joined sequence
that the table lacks, the first character counts. An emoji of which nothing is known has no words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from alicorn.documents.text import tokens
from understanding.concepts.lexicon import Lexicon

__all__ = ["EMOJI", "words_of_emoji"]

_ONE: Final = "[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_TONE: Final = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"

EMOJI: Final = re.compile(f"{_ONE}{_TONE}*(?:\u200d{_ONE}{_TONE}*)*")
"""One emoji with its modifiers and what is joined to it."""

_WORDS: Final[Mapping[str, str]] = {
    "☀": "sun",
    "☁": "cloud",
    "☂": "umbrella",
    "☔": "umbrella",
    "☕": "coffee",
    "⚽": "soccer ball",
    "⛪": "church",
    "⛰": "mountain",
    "⛵": "sailboat",
    "✈": "airplane",
    "❄": "snow",
    "🌅": "sunrise",
    "🌇": "sunset",
    "🌊": "wave",
    "🌳": "tree",
    "🌲": "tree",
    "🌴": "palm",
    "🌷": "tulip",
    "🌸": "flower",
    "🌹": "rose",
    "🌺": "flower",
    "🌻": "sunflower",
    "🌼": "flower",
    "💐": "bouquet",
    "🍎": "apple",
    "🍕": "pizza",
    "🍺": "beer",
    "🍻": "beer",
    "🍷": "wine",
    "🎂": "cake",
    "🎄": "christmas tree",
    "🎸": "guitar",
    "🎹": "piano",
    "🏀": "basketball",
    "🏂": "snowboard",
    "🏄": "surfing",
    "🏍": "motorcycle",
    "🏖": "beach",
    "🏔": "mountain",
    "🏠": "house",
    "🏡": "house",
    "🏰": "castle",
    "🐈": "cat",
    "🐱": "cat",
    "🐕": "dog",
    "🐶": "dog",
    "🐩": "poodle",
    "🐎": "horse",
    "🐴": "horse",
    "🐟": "fish",
    "🐠": "fish",
    "🐦": "bird",
    "🐰": "rabbit",
    "🐇": "rabbit",
    "🐮": "cow",
    "🐷": "pig",
    "🐻": "bear",
    "🐼": "panda",
    "👶": "baby",
    "👰": "bride",
    "👩": "woman",
    "👨": "man",
    "👪": "family",
    "💒": "wedding",
    "📷": "camera",
    "📱": "cellphone",
    "💻": "laptop",
    "🖥": "computer",
    "🖱": "computer mouse",
    "🚀": "rocket",
    "🚂": "locomotive",
    "🚆": "train",
    "🚌": "bus",
    "🚑": "ambulance",
    "🚒": "fire engine",
    "🚗": "car",
    "🚙": "car",
    "🚕": "taxi",
    "🚚": "truck",
    "🚜": "tractor",
    "🚢": "ship",
    "🚲": "bicycle",
    "🛵": "motor scooter",
    "🦁": "lion",
    "🦒": "giraffe",
    "👓": "glasses",
    "🕶": "sunglasses",
    "👒": "hat",
    "👗": "dress",
    "👟": "shoe",
    "👨\u200d🚀": "astronaut",
    "👩\u200d🚀": "astronaut",
    "🧑\u200d🚀": "astronaut",
    "🐻\u200d❄": "polar bear",
}

# Words of Unicode names that say how something is drawn, and that happen to name concepts.
_DRAWN: Final = frozenset(
    {"face", "sign", "symbol", "button", "hand", "mark", "square", "circle", "ball", "arrow"}
)


def words_of_emoji(emoji: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the words that stand for ``emoji``, a match of `EMOJI`; none if nothing is known.

    >>> lexicon = Lexicon.load()
    >>> words_of_emoji("🐶", lexicon), words_of_emoji("🦓", lexicon), words_of_emoji("😀", lexicon)
    (('dog',), ('zebra',), ())
    """
    plain = re.sub(_TONE, "", emoji)
    for known in (plain, plain[:1]):
        if known in _WORDS:
            return tuple(tokens(_WORDS[known]))
    # Nothing is left of a skin tone that stands alone.
    name = unicodedata.name(plain[0], "") if plain else ""
    return _longest_name(tokens(name), lexicon)


def _longest_name(words: list[str], lexicon: Lexicon) -> tuple[str, ...]:
    best: tuple[str, ...] = ()
    for start in range(len(words)):
        length, concepts = lexicon.longest_match(words, start)
        found = tuple(words[start : start + length])
        if concepts and length > len(best) and not _DRAWN.issuperset(found):
            best = found
    return best
