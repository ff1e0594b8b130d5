"""tantivy: one segment with frequencies, documents in DocId order.

Counts are asked without scores (a constant one, and the terms' frequencies unread), the best 100 by
BM25 with the question's weights as boosts. tantivy's scores are floats of its own; what is compared
with ours is which documents match.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.errors import AlicornError
from loadtest.corpora._kernels import forward, texts
from loadtest.corpora.corpus import Corpus
from loadtest.questions import Question

__all__ = ["Tantivy"]

_FIELD: Final = "body"
_HEAP_BYTES: Final = 2_000_000_000
"""Enough for a million documents at once, so that one segment comes out."""
_DONE: Final = "done"


class Tantivy:
    """A corpus in tantivy."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        import tantivy  # noqa: PLC0415 - an extra

        self._corpus = corpus
        self._folder = folder
        self._tantivy = tantivy
        index = tantivy.Index.open(str(folder))
        self._schema = index.schema
        self._searcher = index.searcher()
        if self._searcher.num_segments != 1 or self._searcher.num_docs != corpus.documents:
            raise AlicornError(
                f"tantivy has {self._searcher.num_docs} documents in "
                f"{self._searcher.num_segments} segments, needed {corpus.documents} in one: "
                f"remove {folder}"
            )

    @classmethod
    def open(cls, corpus: Corpus, folder: Path) -> Tantivy | None:
        """Return the index in ``folder``, built there if it is not; None without tantivy."""
        if importlib.util.find_spec("tantivy") is None:
            return None
        if not (folder / _DONE).exists():
            _build(corpus, folder)
        return cls(corpus, folder)

    @property
    def bytes_a_posting(self) -> float:
        """Bytes of lists with their frequencies, a posting; where each begins is not counted."""
        size = sum(p.stat().st_size for p in self._folder.iterdir() if p.suffix == ".idx")
        return size / self._corpus.postings.size

    def count(self, question: Question) -> Callable[[], int]:
        """Return the call that counts the matches of ``question``."""
        query = self._tantivy.Query.const_score_query(self._query(question, "basic"), 1.0)
        # Its stub forgets the field `count`.
        search: Callable[..., Any] = self._searcher.search

        def call() -> int:
            # The least limit there is: counting must look at every match anyway.
            return int(search(query, 1, True).count)

        return call

    def best(self, question: Question, limit: int) -> Callable[[], npt.NDArray[np.uint32]]:
        """Return the call that finds the ``limit`` best by BM25, as document numbers."""
        query = self._query(question, "freq", boosted=True)
        search = self._searcher.search

        def call() -> npt.NDArray[np.uint32]:
            hits = search(query, limit, False).hits
            return np.array([address.doc for _, address in hits], dtype=np.uint32)

        return call

    def _query(self, question: Question, option: str, *, boosted: bool = False) -> Any:
        query, occur = self._tantivy.Query, self._tantivy.Occur

        def term(word: int, weight: int) -> Any:
            one = query.term_query(
                self._schema, _FIELD, self._corpus.word(word), index_option=option
            )
            return query.boost_query(one, weight / 10_000) if boosted else one

        groups = [
            [term(word, weight) for word, weight in zip(words, weights, strict=True)]
            for words, weights in zip(question.words, question.weights, strict=True)
        ]
        must, should = occur.Must, occur.Should
        match question.kind:
            case "and":
                return query.boolean_query([(must, one) for one in groups[0]])
            case "or":
                return query.boolean_query([(should, one) for one in groups[0]])
            case "and-of-or":
                return query.boolean_query(
                    [(must, query.boolean_query([(should, one) for one in g])) for g in groups]
                )
            case "difference":
                return query.boolean_query([(must, groups[0][0]), (occur.MustNot, groups[1][0])])


def _build(corpus: Corpus, folder: Path) -> None:
    import tantivy  # noqa: PLC0415 - an extra

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    schema = tantivy.SchemaBuilder()
    schema.add_text_field(_FIELD, stored=False, tokenizer_name="whitespace", index_option="freq")
    index = tantivy.Index(schema.build(), path=str(folder))
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
    offsets, numbers, times = forward(
        corpus.posting_offsets, corpus.postings, corpus.frequencies, corpus.documents
    )
    blob, offsets = texts(offsets, numbers, times, corpus.blob, corpus.word_offsets)
    whole, bounds = blob.tobytes(), offsets.tolist()
    for number in range(corpus.documents):
        document = tantivy.Document()
        document.add_text(_FIELD, whole[bounds[number] : bounds[number + 1]].decode())
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    (folder / _DONE).touch()
