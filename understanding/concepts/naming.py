"""One name for each concept: unique, lower case, the word that people use.

A concept is called by its first lemma (WordNet puts the most usual first). Where several have the
same, the one whose sense of the word comes first in photos (`senses`) keeps it; the others take the
first other lemma that nobody claims, and failing that the word with its kind in brackets: *crane*
lifts loads, *crane (bird)* wades.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from understanding.concepts.senses import senses_in_photos
from understanding.concepts.wordnet import WordNet, ancestors

__all__ = ["unique_names"]


def unique_names(wordnet: WordNet, offsets: Sequence[str]) -> dict[str, str]:
    """Return a name for each of ``offsets``; no name twice.

    The result does not depend on the order of ``offsets``.
    """
    rivals: dict[str, list[str]] = defaultdict(list)
    for offset in sorted(offsets):
        rivals[_first(wordnet, offset)].append(offset)
    taken = set(rivals)
    names: dict[str, str] = {}
    losers: list[str] = []
    for word, group in sorted(rivals.items()):
        order = senses_in_photos(wordnet, word)
        group.sort(key=lambda offset: order.index(offset) if offset in order else len(order))
        names[group[0]] = word
        losers += group[1:]
    for offset in losers:
        names[offset] = _second_name(wordnet, offset, taken)
        taken.add(names[offset])
    return names


def _first(wordnet: WordNet, offset: str) -> str:
    return wordnet.synsets[offset].lemmas[0].lower()


def _second_name(wordnet: WordNet, offset: str, taken: set[str]) -> str:
    for lemma in wordnet.synsets[offset].lemmas[1:]:
        if lemma.lower() not in taken:
            return lemma.lower()
    word = _first(wordnet, offset)
    kinds = [
        lemma.lower()
        for level in ancestors(wordnet, offset)[1:]
        for above in level
        for lemma in wordnet.synsets[above].lemmas[:1]
    ]
    # A kind of one word reads best: "crane (bird)", not "crane (wading bird)".
    kinds.sort(key=lambda kind: " " in kind)
    candidates = (f"{word} ({kind})" for kind in [*kinds, offset] if kind != word)
    return next(name for name in candidates if name not in taken)
