"""Languages: which ones a person reads, best first, and what they are called.

A browser says so in `Accept-Language` (RFC 9110, 12.5.4), a program in `lang=`. It is a hint for
words that two languages share, as *pain*: bread in French.

    fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5   ->   fr, en, de
"""

from __future__ import annotations

import re
from typing import Final

from alicorn.errors import BadRequest

__all__ = ["accepted_languages", "language_name", "written_languages"]

# More than anybody reads, and few enough to be looked up for every word.
_MOST: Final = 8
# A header may be as long as the server takes; what stands behind this is not read.
_MOST_CHARACTERS: Final = 512

_RANGE: Final = re.compile(
    r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?"
)
_CODE: Final = re.compile(r"[a-z]{2,3}")

_NAMES: Final = {
    "ca": "català",
    "cs": "čeština",
    "da": "dansk",
    "de": "Deutsch",
    "en": "English",
    "es": "español",
    "eu": "euskara",
    "fr": "français",
    "gl": "galego",
    "it": "italiano",
    "nl": "Nederlands",
    "pl": "polski",
    "pt": "português",
    "zh": "中文",
}


def accepted_languages(header: str) -> tuple[str, ...]:
    """Return the primary subtags in an `Accept-Language` header, the most wanted first.

    Equal qualities keep their order; quality 0, `*` and what is no language count for nothing.

    >>> accepted_languages("da, en-GB;q=0.7, fr-CH;q=0.9, fr;q=0.2, es;q=0")
    ('da', 'fr', 'en')
    """
    wanted: list[tuple[float, str]] = []
    for part in header[:_MOST_CHARACTERS].split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            continue
        quality = float(found[2] or 1)
        if 0 < quality <= 1:
            wanted.append((quality, found[1].lower()))
    wanted.sort(key=lambda one: -one[0])
    return tuple(dict.fromkeys(code for _, code in wanted))[:_MOST]


def written_languages(text: str) -> tuple[str, ...]:
    """Return the languages of `lang=fr,de`, in their order.

    Raises
    ------
    BadRequest
        If one is no code of two or three letters, or there are too many.

    >>> written_languages("fr,de,fr")
    ('fr', 'de')
    """
    codes = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",")))
    for code in codes:
        if not _CODE.fullmatch(code):
            raise BadRequest(f"lang must hold codes such as fr,de, got {code[:40]!r}")
    if len(codes) > _MOST:
        raise BadRequest(f"lang must hold at most {_MOST} languages, got {len(codes)}")
    return codes


def language_name(code: str) -> str:
    """Return what a language calls itself; the code where that is not known.

    >>> language_name("fr"), language_name("xx")
    ('français', 'xx')
    """
    return _NAMES.get(code, code)
