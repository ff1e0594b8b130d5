"""From WordNet and a sentence encoder to the vectors that ship: `build_words`.

Written to a folder: ``words.npz`` (its arrays are described in `distilled`) and
``words.card.json``. The licence of WordNet stands beside them in NOTICE.txt.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import structlog

from alicorn.cards import sha256_of
from alicorn.files import write_whole
from understanding.concepts.card import Card
from understanding.concepts.wordnet import read_wordnet
from understanding.concepts.words.distilled import CARD_FILE, FORMAT, WORDS_FILE
from understanding.concepts.words.meanings import Vocabulary, choose
from understanding.concepts.words.reduction import Reduced, reduce_vectors

__all__ = ["DIMENSIONS", "Encodes", "build_words"]

DIMENSIONS: Final = 96
"""Numbers of a shipped vector. On Caltech-101's labels that name no concept 128 and 384 found
hardly more, 64 less (docs/measured.md)."""

_LARGEST_WEIGHT: Final = 255

_log = structlog.get_logger(__name__)


class Encodes(Protocol):
    """Texts to vectors of length 1 (`encoder.SentenceEncoder`)."""

    def encode(
        self, texts: Sequence[str], tell: Callable[[int], None] = ...
    ) -> npt.NDArray[np.float32]:
        """Return float32 of shape (texts, width)."""
        ...


def build_words(
    wordnet_dir: Path,
    encoder: Encodes,
    out_dir: Path,
    *,
    dimensions: int = DIMENSIONS,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Card:
    """Make the vectors and their card, and write them to ``out_dir``.

    Parameters
    ----------
    wordnet_dir : Path
        Folder with WordNet 3.0's ``data``, ``index`` and ``noun.exc`` files.
    encoder : Encodes
    out_dir : Path
        Made if absent; files of the same names are replaced.
    dimensions : int
        Numbers of a vector.
    tell : callable
        Called with how many meanings have been read, and how many there are.

    Returns
    -------
    Card
        As written beside the vectors.

    Raises
    ------
    NotFound, CorruptData
        If WordNet's files are absent or cannot be read.
    """
    vocabulary = choose(read_wordnet(wordnet_dir), wordnet_dir)
    texts = [meaning.text for meaning in vocabulary.meanings]
    vectors = encoder.encode(texts, lambda done: tell(done, len(texts)))
    reduced = reduce_vectors(vectors, dimensions)
    content = _packed(vocabulary, reduced)
    card = Card(
        name="words",
        about=(
            "English words, their meanings, and for each a vector distilled from "
            "all-MiniLM-L6-v2 over its gloss"
        ),
        command="alicorn train words --wordnet DIR",
        sources={
            "WordNet 3.0": "WordNet licence, see NOTICE.txt",
            "sentence-transformers/all-MiniLM-L6-v2": "Apache-2.0",
        },
        counts={
            "meanings": len(vocabulary.meanings),
            "terms": len(vocabulary.terms),
            "dimensions": dimensions,
            "per mille of the variance kept": round(1000 * reduced.kept),
        },
        sha256={WORDS_FILE: sha256_of(content)},
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    write_whole(out_dir / WORDS_FILE, content)
    card.write(out_dir / CARD_FILE)
    _log.info("words built", folder=str(out_dir), **card.counts)
    return card


def _packed(vocabulary: Vocabulary, reduced: Reduced) -> bytes:
    meanings, terms = vocabulary.meanings, vocabulary.terms
    names = sorted(terms, key=str.encode)
    senses = [terms[name] for name in names]
    encoded = [name.encode() for name in names]
    arrays = {
        "format": np.array(FORMAT),
        "codes": reduced.codes,
        "scales": reduced.scales,
        "nouns": np.array(sum(meaning.part == "noun" for meaning in meanings)),
        "offsets": np.array([int(meaning.offset) for meaning in meanings], dtype=np.uint32),
        "information": np.array([meaning.information for meaning in meanings], dtype=np.float32),
        "above_starts": _starts([meaning.above for meaning in meanings]),
        "above": np.array([a for meaning in meanings for a in meaning.above], dtype=np.uint32),
        "term_starts": _starts(encoded),
        "term_bytes": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "sense_starts": _starts(senses),
        "senses": np.array([place for known in senses for place, _ in known], dtype=np.uint32),
        "weights": np.array(
            [max(round(_LARGEST_WEIGHT * weight), 1) for known in senses for _, weight in known],
            dtype=np.uint8,
        ),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _starts(rows: Sequence[Sequence[object]]) -> npt.NDArray[np.uint32]:
    """Return where each row begins when they lie one behind the other, and where the last ends."""
    return np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.uint32)
