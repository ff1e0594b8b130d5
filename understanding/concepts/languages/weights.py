"""How much a name in another language means each of its synsets.

The open wordnets say which synsets a name belongs to, not which it usually means, and those that
were made by machines (WOLF, OpenWN-PT) list every sense of the English word: *chien* is a dog, a
hot dog, a firedog and a dull girl. Four things are known and tell the usual sense from the others:

    prior       how often the synset's words have this sense in WordNet's tagged corpus, and how
                many of the wordnets have a name for it; less where it cannot be seen in a photo
    names       a synset with many names in this language has each of them for a weaker reason
    support     how many synsets of the name are senses of one English word: what that word
                translates is meant, what one synset alone says may be chance
    agreement   the Jaccard similarity of the name's synsets with those of the best name for this
                synset in each other language: *lac* is no lacquer, since no other language's word
                for a lake is

They are multiplied, with exponents that did best on the list of common nouns in the tests. From the
scores to weights,

    weight = score / (sum over the looks of the best score in each)

so a usual sense keeps nearly 1 beside faint ones and beside its like, and loses where another thing
rivals it (*grue*, the bird and the machine). Looks are those of `senses`: animals with plants and
food, buildings with attractions; what cannot be seen is one more.

A wordnet may have a name in the wrong place only: in the Dutch one *kat* is a spiteful woman, and
*aardbei* the plant. So a name of one word means the usual sense of its synset's English word, too,
if that is a concept, and either of the same look or the synset a person (a metaphor).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from math import sqrt
from pathlib import Path
from typing import Final

from alicorn.errors import CorruptData, NotFound
from understanding.concepts.families import Family
from understanding.concepts.languages.omw import OpenWordnet
from understanding.concepts.senses import is_visible_kind, look_of, senses_in_photos
from understanding.concepts.wordnet import WordNet

__all__ = ["COUNTS_FILE", "LEAST_WEIGHT", "MOST_SYNSETS", "Weigher", "read_counts"]

COUNTS_FILE: Final = "cntlist.rev"
"""WordNet's file of how often a sense was tagged: ``dog%1:05:00:: 1 42``."""

MOST_SYNSETS: Final = 8
"""Synsets that one name means at most."""

LEAST_WEIGHT: Final = 0.05
"""Fainter meanings are left out."""

_UNSEEN: Final = 0.2
_BORROWED: Final = 0.8
_NO_AGREEMENT: Final = 0.3

Words = tuple[str, ...]


def read_counts(folder: Path, wordnet: WordNet) -> Counter[str]:
    """Return how often each synset was tagged in WordNet's corpora.

    Parameters
    ----------
    folder : Path
        Folder with `COUNTS_FILE` of the same WordNet.
    wordnet : WordNet

    Returns
    -------
    Counter
        Offset -> occurrences of all its words in this sense.

    Raises
    ------
    NotFound
        If there is no such file.
    CorruptData
        If a line cannot be read; the message names it.
    """
    path = folder / COUNTS_FILE
    if not path.is_file():
        raise NotFound(f"no {COUNTS_FILE} in {folder}, needed a WordNet 3.0 dict folder")
    counts: Counter[str] = Counter()
    for number, line in enumerate(path.read_text("latin-1").splitlines(), start=1):
        try:
            key, sense, count = line.split()
            lemma, kind = key.split("%")
            senses = wordnet.senses.get(lemma.replace("_", " "), ())
            if kind.startswith("1:") and int(sense) <= len(senses):
                counts[senses[int(sense) - 1]] += int(count)
        except ValueError as error:
            raise CorruptData(f"{path} line {number}: not a sense and its count") from error
    return counts


class Weigher:
    """What all wordnets together know of the names of one.

    Parameters
    ----------
    wordnet : WordNet
    counts : mapping
        Offset -> occurrences.
    wordnets : sequence of OpenWordnet
        All that agree or do not; those whose names are weighed among them.
    concepts : set of str
        Offsets of the taxonomy's concepts.
    """

    def __init__(
        self,
        wordnet: WordNet,
        counts: Mapping[str, int],
        wordnets: Sequence[OpenWordnet],
        concepts: Set[str],
    ) -> None:
        self._wordnet = wordnet
        self._counts = counts
        self._concepts = concepts
        self._synsets_of: dict[str, dict[Words, frozenset[str]]] = {}
        self._names_of: dict[str, dict[str, list[Words]]] = {}
        for other in wordnets:
            of_name: dict[Words, set[str]] = defaultdict(set)
            of_synset: dict[str, list[Words]] = defaultdict(list)
            for synset, words in other.lemmas:
                # Names of single things (persons, towns) are no concepts.
                if synset in wordnet.synsets and not wordnet.synsets[synset].is_instance:
                    of_name[words].add(synset)
                    of_synset[synset].append(words)
            self._synsets_of[other.language] = {w: frozenset(s) for w, s in of_name.items()}
            self._names_of[other.language] = dict(of_synset)
        named = {synset for names in self._names_of.values() for synset in names}
        self._look = {synset: self._look_of(synset) for synset in sorted(named | concepts)}

    def names(self, language: str) -> list[Words]:
        """Return the names of ``language``, ascending."""
        return sorted(self._synsets_of[language])

    def weights(self, words: Words, language: str) -> list[tuple[str, float]]:
        """Return what a name means.

        Returns
        -------
        list of (str, float)
            At most `MOST_SYNSETS` offsets with weights in [`LEAST_WEIGHT`, 1], heaviest first,
            equal ones by offset.
        """
        synsets = self._synsets_of[language][words]
        scores = {synset: self._score(synset, synsets, language) for synset in sorted(synsets)}
        if len(words) == 1:
            for synset, usual in self._usual_senses(synsets):
                borrowed = _BORROWED * scores[synset]
                scores[usual] = max(scores.get(usual, 0.0), borrowed)
        best: dict[Family | None, float] = defaultdict(float)
        for synset, score in scores.items():
            best[self._look[synset]] = max(best[self._look[synset]], score)
        total = sum(best.values())
        found = [(synset, score / total) for synset, score in scores.items()]
        found.sort(key=lambda meaning: (-meaning[1], meaning[0]))
        return [meaning for meaning in found[:MOST_SYNSETS] if meaning[1] >= LEAST_WEIGHT]

    def _look_of(self, synset: str) -> Family | None:
        return look_of(self._wordnet, synset) if is_visible_kind(self._wordnet, synset) else None

    def _score(self, synset: str, synsets: frozenset[str], language: str) -> float:
        named = sum(synset in names for names in self._names_of.values())
        prior = sqrt(1 + self._counts.get(synset, 0)) * named
        if self._look[synset] is None:
            prior *= _UNSEEN
        support = max(len(synsets.intersection(senses)) for senses in self._english(synset))
        rivals = len(self._names_of[language][synset])
        agreement = _NO_AGREEMENT + sum(
            max(_jaccard(synsets, self._synsets_of[other][words]) for words in names[synset])
            for other, names in self._names_of.items()
            if other != language and synset in names
        )
        return prior * sqrt(support / rivals) * agreement**2

    def _english(self, synset: str) -> Iterable[tuple[str, ...]]:
        """Yield the senses of each English word for ``synset``."""
        for lemma in self._wordnet.synsets[synset].lemmas:
            yield self._wordnet.senses.get(lemma.lower(), (synset,))

    def _usual_senses(self, synsets: frozenset[str]) -> Iterable[tuple[str, str]]:
        """Yield synsets with what their English word usually means, where that is another."""
        for synset in sorted(synsets):
            for lemma in self._wordnet.synsets[synset].lemmas:
                senses = senses_in_photos(self._wordnet, lemma)
                usual = next((sense for sense in senses if sense in self._concepts), synset)
                is_likely = self._look[synset] in {self._look[usual], Family.PERSON}
                if usual not in synsets and is_likely and self._is_usual(usual, senses):
                    yield synset, usual

    def _is_usual(self, sense: str, senses: Sequence[str]) -> bool:
        """Whether no sense that can be seen comes before ``sense``."""
        before = senses[: senses.index(sense)]
        return not any(is_visible_kind(self._wordnet, other) for other in before)


def _jaccard(some: frozenset[str], others: frozenset[str]) -> float:
    shared = len(some & others)
    return shared / (len(some) + len(others) - shared)
