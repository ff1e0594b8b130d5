"""The least that a query must read."""

from __future__ import annotations

import numpy as np

from loadtest.bandwidth import Bandwidth
from loadtest.corpora.corpus import Corpus
from loadtest.questions import Question
from loadtest.reading import Reading

_BYTE_A_SECOND = Bandwidth(np.array([1.0, 2.0**40]), np.array([1.0, 2.0**40]))


def _question(kind: str, *groups: tuple[int, ...]) -> Question:
    return Question(kind, groups, tuple((10_000,) * len(group) for group in groups))  # type: ignore[arg-type]


def test_a_union_reads_all_lists_and_an_intersection_what_it_must(corpus: Corpus) -> None:
    """3,000 documents are one window: two bytes a hit, at most a bitmap of 2,048."""
    reading = Reading(corpus, _BYTE_A_SECOND)
    counts = corpus.counts
    frequent, rare = 0, int(np.flatnonzero(counts == 3)[0])

    assert counts[frequent] > 1_024
    assert reading.of_ids([_question("or", (frequent, rare))]) == (2_048 + 6) * 1e6
    # Three hits of the rare one touch no more than three cache lines of the frequent one.
    assert reading.of_ids([_question("and", (frequent, rare))]) == (6 + 192) * 1e6
    assert reading.of_ids([_question("difference", (rare,), (frequent,))]) == (6 + 192) * 1e6


def test_stopping_early_reads_less_and_scores_read_more(corpus: Corpus) -> None:
    """The first 100 end at their last document; a score is a byte of each match."""
    reading = Reading(corpus, _BYTE_A_SECOND)
    question = _question("or", (0, 1))
    whole = reading.of_ids([question])

    assert reading.of_first([question], [corpus.documents // 2 - 1]) == whole / 2
    assert reading.of_scores([question], [10]) == whole + 20e6
