"""Terms of several words that WordNet knows and the taxonomy has no concept for.

A *beach ball* is one thing, and a *prairie dog* is no dog: searched word by word, both would bring
what their last word names. So a query keeps such a term together (DB-05), and it is searched as
text. Taken are terms of two or three words whose last word names a concept and one of whose other
words does not: where all do (*coffee cup*), the concepts together find more than the text.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from alicorn.documents.text import tokens
from understanding.concepts.senses import is_visible_kind
from understanding.concepts.wordnet import WordNet

__all__ = ["LENGTHS", "compounds"]

LENGTHS: Final = range(2, 4)
"""Words in a compound; longer ones are hardly typed."""


def compounds(wordnet: WordNet, lemmas: Collection[str]) -> list[str]:
    """Return the compounds beside the taxonomy's ``lemmas``, ascending, each once.

    Names of single things and species (upper case) are left out, and so is what cannot be seen.
    """
    names = {tuple(tokens(lemma)) for lemma in lemmas}
    found: set[str] = set()
    for offset, synset in wordnet.synsets.items():
        candidates = [lemma for lemma in synset.lemmas if " " in lemma or "-" in lemma]
        if not candidates or not is_visible_kind(wordnet, offset):
            continue
        for lemma in candidates:
            words = tuple(tokens(lemma))
            named = [(word,) in names for word in words]
            is_compound = len(words) in LENGTHS and named[-1] and not all(named)
            if is_compound and words not in names and lemma == lemma.lower():
                found.add(" ".join(words))
    return sorted(found)
