"""The queries that every engine is asked."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.query import And, Difference, Or, parse
from loadtest.brute import BruteForce, refuse
from loadtest.corpora.corpus import Corpus
from loadtest.questions import CLASSES, Question, questions


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_is_drawn_by_its_seed(corpus: Corpus, name: str) -> None:
    """The same queries in every run, and no word twice in a group."""
    drawn = questions(corpus, name, 20)

    assert drawn == questions(corpus, name, 20)
    assert all(len(set(group)) == len(group) for one in drawn for group in one.words)
    assert len(set(drawn)) > 10


def test_classes_have_their_shapes(corpus: Corpus) -> None:
    """`and`, `or`, `difference` and a nested one, as text that parses."""
    shapes = {name: parse(questions(corpus, name, 1)[0].text(corpus, "tag")) for name in CLASSES}

    assert all(isinstance(shapes[name], And) for name in ("and2_ff", "and2_fr", "and3", "and_or10"))
    assert isinstance(shapes["or10"], Or)
    assert isinstance(shapes["andnot"], Difference)
    assert isinstance(shapes["and_or10"].operands[0], Or)  # type: ignore[union-attr]


def test_words_with_odd_letters_are_quoted(corpus: Corpus) -> None:
    """Real captions hold more than letters."""
    question = Question("and", ((0, 1),), ((2_500, 10_000),))

    assert question.text(corpus, "tag", weighted=True) == (
        "(and (term tag:t00000 :weight 0.25) tag:t00001)"
    )


def test_brute_force_is_what_sets_say(corpus: Corpus) -> None:
    """The judge of all engines is judged by Python's own sets."""
    brute = BruteForce(corpus)
    for name in CLASSES:
        for question in questions(corpus, name, 5):
            groups = [
                [set(corpus.postings[corpus.list_of(word)].tolist()) for word in words]
                for words in question.words
            ]
            needed = {
                "and": lambda g: set.intersection(*g[0]),
                "or": lambda g: set.union(*g[0]),
                "and-of-or": lambda g: set.union(*g[0]) & set.union(*g[1]),
                "difference": lambda g: g[0][0] - g[1][0],
            }[question.kind](groups)
            assert brute.matches(question).tolist() == sorted(needed)


def test_brute_force_orders_by_score_then_docid(corpus: Corpus) -> None:
    """Score descending, sort-key descending, id ascending, over every match."""
    brute = BruteForce(corpus)
    question = questions(corpus, "or10", 1)[0]
    matches = brute.matches(question)
    scores = brute.scores(question)
    ranked = sorted(
        matches.tolist(),
        key=lambda d: (-int(scores[d]), -int(corpus.sort_keys[d]), int(corpus.ids[d])),
    )[:50]
    ids, found = brute.best(question, 50)

    assert ids.tolist() == corpus.ids[ranked].tolist()
    assert found.tolist() == scores[ranked].tolist()


def test_deleted_documents_match_nothing(corpus: Corpus) -> None:
    """B's answers are of the living."""
    dead = np.zeros(corpus.documents, dtype=np.bool_)
    dead[::2] = True
    question = questions(corpus, "and2_ff", 1)[0]
    all_, living = BruteForce(corpus).matches(question), BruteForce(corpus, dead).matches(question)

    assert living.tolist() == [number for number in all_.tolist() if number % 2]


@pytest.mark.parametrize(
    ("found", "needed", "told"),
    [
        (np.array([1, 2, 3]), np.array([1, 5, 3]), "found 2 at 1 of 3, needed 5 at 1 of 3"),
        (np.array([1]), np.array([1, 2]), "found nothing at 1 of 1, needed 2 at 1 of 2"),
        (7, 8, "found 7, needed 8"),
    ],
)
def test_a_wrong_answer_is_told_by_its_first_difference(
    found: object, needed: object, told: str
) -> None:
    """A hundred numbers twice help nobody."""
    assert str(refuse("ids", found, needed)) == f"ids: {told}; no figures without the answer"
