"""BM25 over texts, by bm25s: English stop words, Snowball's stems, k1 1.5 and b 0.75.

References
----------
.. [1] Robertson, Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009.
.. [2] Lu, "BM25S: orders of magnitude faster lexical search via eager sparse scoring", 2024.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from alicorn.errors import ConfigError
from ranker.evaluation.measuring import Query

__all__ = ["Bm25"]


class Bm25:
    """Texts, indexed in memory.

    Parameters
    ----------
    uris, texts : sequence of str
        As many of each.

    Raises
    ------
    ConfigError
        If bm25s or its stemmer is not installed.
    """

    def __init__(self, uris: Sequence[str], texts: Sequence[str]) -> None:
        self._bm25s, stemmer = _installed()
        self._stemmer = stemmer.Stemmer("english")
        self._uris = tuple(uris)
        self._index = self._bm25s.BM25()
        self._index.index(self._cut(texts), show_progress=False)

    def __call__(self, query: Query) -> list[str]:
        """Return the texts that share a word with the query, best first."""
        (words,) = self._cut([query.text])
        if not words:
            return []
        scores = np.asarray(self._index.get_scores(words))
        order = np.argsort(-scores, kind="stable")
        return [self._uris[at] for at in order[: np.count_nonzero(scores)].tolist()]

    def _cut(self, texts: Sequence[str]) -> list[list[str]]:
        cut: list[list[str]] = self._bm25s.tokenize(
            list(texts),
            stopwords="en",
            stemmer=self._stemmer,
            return_ids=False,
            show_progress=False,
        )
        return cut


def _installed() -> tuple[Any, Any]:
    try:
        import bm25s  # noqa: PLC0415 - serving must not import it
        import Stemmer  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"the comparison with BM25 needs {error.name}: pip install 'alicorn[bench]'"
        ) from None
    # It tells every step, whatever the level of everybody else.
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s, Stemmer
