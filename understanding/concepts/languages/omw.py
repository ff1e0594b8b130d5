"""The open wordnets' files: names of WordNet's synsets in other languages.

One file a language, as the Open Multilingual Wordnet collects them, plain or gzipped:

    # DanNet <tab> dan <tab> http://wordnet.dk/lang <tab> wordnet
    02084071-n <tab> lemma <tab> hund

The first line names the wordnet, its language, its address and its licence. Of the others the
nouns' lemmas are read; definitions and examples are passed over. Offsets are WordNet 3.0's.

Names are cut by `tokens` as queries are. Some wordnets were filled by machines from Wikipedia, so
what stands in brackets is dropped (``bases (química)``), and so are lines with mark-up, and names
that are no words. Chinese marks the parts of a word with ``+``, which nobody types.

References
----------
.. [1] Bond and Foster, "Linking and extending an open multilingual wordnet", ACL 2013.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alicorn.documents.text import tokens
from alicorn.errors import CorruptData, NotFound

__all__ = ["CODES", "MOST_WORDS", "OpenWordnet", "read_open_wordnet"]

CODES: Final = {
    "fra": "fr",
    "ita": "it",
    "por": "pt",
    "nld": "nl",
    "pol": "pl",
    "dan": "da",
    "cat": "ca",
    "cmn": "zh",
    "eus": "eu",
    "glg": "gl",
}
"""Three-letter code of a wordnet's file -> the two-letter code that queries use."""

MOST_WORDS: Final = 6
"""Longer names are definitions. Chinese words are this many characters at most, too."""

_BRACKETS: Final = re.compile(r"\s*\([^()]*\)")
_MARK_UP: Final = re.compile(r"[<>\[\]{}()|?*;:=&#/\\\d]")
_SYNSET: Final = re.compile(r"\d{8}-n")


@dataclass(frozen=True, slots=True)
class OpenWordnet:
    """The nouns of one language."""

    language: str
    """Two-letter code."""
    name: str
    """As the file's first line says: ``plWordNet``."""
    address: str
    licence: str
    lemmas: tuple[tuple[str, tuple[str, ...]], ...]
    """Synset (offset, eight digits) and the words of a name for it; ascending, each once."""


def read_open_wordnet(path: Path) -> OpenWordnet:
    """Read a wordnet's file, ``wn-data-fra.tab`` or ``wn-data-fra.tab.gz``.

    Raises
    ------
    NotFound
        If there is no such file.
    CorruptData
        If it is not of this form; the message names the line.
    """
    lines = _lines(path)
    head = next(lines, "").removeprefix("#").strip().split("\t")
    if len(head) != 4 or head[1] not in CODES:
        raise CorruptData(
            f"{path} line 1: found {head}, needed '# name, code, address, licence' with tabs, "
            f"and a code of {', '.join(CODES)}"
        )
    found: set[tuple[str, tuple[str, ...]]] = set()
    for number, line in enumerate(lines, start=2):
        fields = line.rstrip().split("\t")
        if len(fields) < 3:
            raise CorruptData(
                f"{path} line {number}: found {line[:60].rstrip()!r}, needed three fields"
            )
        is_noun = fields[1].rpartition(":")[2] == "lemma" and _SYNSET.fullmatch(fields[0])
        if is_noun and (words := _words(fields[2])):
            found.add((fields[0][:8], words))
    # Two files have the address and the licence in each other's place.
    name, code, *rest = (field.strip() for field in head)
    rest.sort(key=lambda field: not field.startswith("http"))
    return OpenWordnet(CODES[code], name, rest[0], rest[1], tuple(sorted(found)))


def _lines(path: Path) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            yield from file
    except FileNotFoundError:
        raise NotFound(f"no wordnet at {path}") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CorruptData(f"{path}: cannot be read: {error}") from error


def _words(lemma: str) -> tuple[str, ...]:
    """Return the words of a name; none where it is no name that somebody would type."""
    plain = _BRACKETS.sub("", lemma.replace("+", ""))
    words = tuple(tokens(plain))
    if _MARK_UP.search(plain) or len(words) > MOST_WORDS:
        return ()
    # *ø* is an island in Danish, and Chinese words may be one character.
    return () if len(plain) == 1 and plain.isascii() else words
