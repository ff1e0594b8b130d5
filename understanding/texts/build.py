"""Related words out of captions that several people wrote for one picture.

Two words are alike if they meet the same words in *other* captions of the same pictures: counts of
such pairs become positive pointwise mutual information [1]_, its strongest directions become
vectors, and the cosine of two words' vectors is how nearly they say the same. What one person says
in one sentence is left out, for there *knife* goes with *fork*, which says nothing of the word.

Forms of one verb (*ride*, *riding*) are related without counting.

References
----------
.. [1] Levy, Goldberg, "Neural word embedding as implicit matrix factorization", NIPS 2014.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.text import stem, tokens
from alicorn.errors import BadRequest
from understanding.queries.stopwords import STOP_WORDS
from understanding.texts.related import Related, RelatedWords

__all__ = ["form_of", "related_words"]

LEAST_PICTURES: Final = 3
"""Words said of fewer pictures are left out: nothing can be counted."""

DIMENSIONS: Final = 100

LEAST_COSINE: Final = 0.5
MOST_RELATED: Final = 4
"""Related by meaning; forms of the word come on top."""

# Chosen on the training half of the captions: four of an image's five find the fifth best so.
_SAME_FORM: Final = 0.7
_BY_COSINE: Final = 0.5

_DOUBLED: Final = frozenset("bdgmnprt")
_LEAST_LETTERS: Final = 3


def related_words(pictures: Iterable[Sequence[str]]) -> RelatedWords:
    """Return the related words of what is said of ``pictures``.

    Parameters
    ----------
    pictures : iterable of sequence of str
        Of each picture its captions.

    Raises
    ------
    BadRequest
        If hardly a word is said twice.
    """
    said = [[{stem(w) for w in tokens(c)} for c in captions] for captions in pictures]
    counts = Counter(word for captions in said for word in set().union(*captions))
    words = sorted(w for w, n in counts.items() if n >= LEAST_PICTURES and w not in STOP_WORDS)
    if len(words) < 2:
        raise BadRequest(f"found {len(words)} words said of {LEAST_PICTURES} pictures, needed more")
    number = {word: i for i, word in enumerate(words)}
    numbered = [[sorted(number[w] for w in c if w in number) for c in each] for each in said]
    cosines = _cosines(_pairs(numbered, len(words)))
    forms: dict[str, list[str]] = defaultdict(list)
    for word in words:
        forms[form_of(word)].append(word)
    found: dict[str, Related] = {}
    for i, word in enumerate(words):
        kin = {other: _SAME_FORM for other in forms[form_of(word)] if other != word}
        nearest = np.argsort(-cosines[i], kind="stable")[: MOST_RELATED + 1]
        for j in nearest.tolist():
            if j != i and cosines[i, j] > LEAST_COSINE:
                kin.setdefault(words[j], round(float(_BY_COSINE * cosines[i, j]), 2))
        if kin:
            found[word] = tuple(sorted(kin.items(), key=lambda one: (-one[1], one[0])))
    return RelatedWords(MappingProxyType(found))


def form_of(word: str) -> str:
    """Return what the forms of a verb have in common; other words nearly as they are.

    >>> [form_of(w) for w in ("ride", "riding", "sit", "sitting", "stand", "standing", "red")]
    ['rid', 'rid', 'sit', 'sit', 'stand', 'stand', 'red']
    """
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= _LEAST_LETTERS:
            if base[-1] == base[-2] and base[-1] in _DOUBLED:
                base = base[:-1]
            return base.removesuffix("e")
    return word.removesuffix("e") if len(word) > _LEAST_LETTERS else word


def _pairs(pictures: Iterable[Sequence[Sequence[int]]], words: int) -> npt.NDArray[np.float64]:
    """Count for every two words the pairs of captions of one picture that have one each."""
    pairs = np.zeros((words, words))
    for captions in pictures:
        each = np.zeros((len(captions), words), dtype=np.float64)
        for row, caption in zip(each, captions, strict=True):
            row[caption] = 1
        here = np.flatnonzero(each.any(axis=0))
        small = each[:, here]
        total = small.sum(axis=0)
        pairs[np.ix_(here, here)] += np.outer(total, total) - small.T @ small
    return pairs


def _cosines(pairs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the cosine of every two words' vectors, from their pairs."""
    sums = pairs.sum(axis=1)
    expected = np.outer(sums, sums) / max(float(sums.sum()), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.log(pairs / expected)
    information = np.where(pairs > 0, np.maximum(information, 0.0), 0.0)
    strengths, directions = np.linalg.eigh(information)
    best = np.argsort(-np.abs(strengths), kind="stable")[:DIMENSIONS]
    vectors = directions[:, best] * np.sqrt(np.abs(strengths[best]))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    cosines: npt.NDArray[np.float64] = vectors @ vectors.T
    return cosines
