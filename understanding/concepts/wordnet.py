"""WordNet's noun files, as they are published: synsets, sense order, irregular plurals.

Three plain files of a WordNet 3.0 ``dict`` folder are read (Debian's ``wordnet-base`` has them in
``/usr/share/wordnet``):

    data.noun    one synset a line: offset, lemmas, pointers | gloss
    index.noun   one lemma a line: its synsets, the most frequent sense first
    noun.exc     irregular plurals: ``mice mouse``

Lines that begin with two spaces are the licence. Offsets are kept as the eight digits that name a
synset: ImageNet's ``n02084071`` is the synset ``02084071``.

References
----------
.. [1] Fellbaum (ed.), "WordNet: An Electronic Lexical Database", MIT Press 1998; wndb(5WN).
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from alicorn.errors import CorruptData, NotFound

__all__ = ["Synset", "WordNet", "ancestors", "read_index", "read_synsets", "read_wordnet"]


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning, with the words for it."""

    offset: str
    """Eight digits."""
    lemmas: tuple[str, ...]
    """As written in WordNet, with spaces, the most usual first."""
    hypernyms: tuple[str, ...]
    """Offsets of the broader synsets."""
    is_instance: bool
    """True for a name of one thing (``Jersey``), not of a kind of thing."""
    gloss: str
    """The definition, without the example sentences."""


@dataclass(frozen=True, slots=True)
class WordNet:
    """The nouns of WordNet."""

    synsets: Mapping[str, Synset]
    senses: Mapping[str, tuple[str, ...]]
    """Lemma, lower case with spaces -> offsets, the most frequent sense first."""
    exceptions: Mapping[str, tuple[str, ...]]
    """Irregular plural -> singulars, lower case with spaces."""


def read_wordnet(folder: Path) -> WordNet:
    """Read the noun files in ``folder``.

    Raises
    ------
    NotFound
        If one of the three files is absent.
    CorruptData
        If a line cannot be read; the message names the file and the line.
    """
    synsets = read_synsets(folder / "data.noun")
    senses = {lemma: offsets for lemma, offsets, _ in read_index(folder / "index.noun")}
    exceptions = {}
    for _, line in _lines(folder, "noun.exc"):
        plural, *singulars = line.split()
        exceptions[_spaced(plural)] = tuple(_spaced(word) for word in singulars)
    return WordNet(synsets, senses, exceptions)


def read_synsets(path: Path) -> dict[str, Synset]:
    """Return the synsets of a ``data.noun``, by offset; a name that ends in ``.gz`` is unpacked.

    Raises
    ------
    NotFound
        If there is no such file.
    CorruptData
        If a line cannot be read.
    """
    synsets = {}
    for number, line in _lines(path.parent, path.name):
        try:
            synset = _synset(line)
        except (IndexError, ValueError) as error:
            raise CorruptData(f"{path} line {number}: not a synset") from error
        synsets[synset.offset] = synset
    return synsets


def read_index(path: Path) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Yield what an ``index`` file says of each lemma: its senses, and how many of them are used.

    Returns
    -------
    iterator of (lemma, offsets, used)
        The lemma in lower case with spaces, its synsets with the most frequent first, and how many
        of these, from the first on, occur in WordNet's tagged texts.

    Raises
    ------
    NotFound
        If there is no such file.
    CorruptData
        If a line cannot be read.
    """
    for number, line in _lines(path.parent, path.name):
        fields = line.split()
        try:
            count = int(fields[2])
            yield _spaced(fields[0]), tuple(fields[-count:]), int(fields[-count - 1])
        except (IndexError, ValueError) as error:
            raise CorruptData(f"{path} line {number}: not a lemma") from error


def ancestors(wordnet: WordNet, offset: str) -> list[tuple[str, ...]]:
    """Return the broader synsets of ``offset`` level by level: itself, its hypernyms, theirs.

    Each synset once, at its nearest level; in a level in the order of the pointers.
    """
    levels: list[tuple[str, ...]] = []
    seen = {offset}
    level: tuple[str, ...] = (offset,)
    while level:
        levels.append(level)
        above = dict.fromkeys(up for here in level for up in wordnet.synsets[here].hypernyms)
        level = tuple(up for up in above if up not in seen)
        seen.update(level)
    return levels


def _lines(folder: Path, name: str) -> Iterator[tuple[int, str]]:
    path = folder / name
    if not path.is_file():
        raise NotFound(f"no {name} in {folder}, needed a WordNet 3.0 dict folder")
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="latin-1") as file:
        for number, line in enumerate(file, start=1):
            if line.strip() and not line.startswith("  "):
                yield number, line


def _synset(line: str) -> Synset:
    head, _, gloss = line.partition("|")
    fields = head.split()
    lemmas_end = 4 + 2 * int(fields[3], 16)
    pointers = fields[lemmas_end + 1 : lemmas_end + 1 + 4 * int(fields[lemmas_end])]
    upward = [
        (symbol, offset)
        for symbol, offset in zip(pointers[::4], pointers[1::4], strict=True)
        if symbol in {"@", "@i"}
    ]
    return Synset(
        offset=f"{int(fields[0]):08d}",
        lemmas=tuple(_spaced(word, keep_case=True) for word in fields[4:lemmas_end:2]),
        hypernyms=tuple(offset for _, offset in upward),
        is_instance=any(symbol == "@i" for symbol, _ in upward),
        gloss=gloss.split('; "')[0].strip(),
    )


def _spaced(word: str, *, keep_case: bool = False) -> str:
    spaced = word.replace("_", " ")
    return spaced if keep_case else spaced.lower()
