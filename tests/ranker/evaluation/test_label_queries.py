"""Queries for labels in a world of eight nouns, each set written out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ranker.evaluation.label_queries import (
    BROADER,
    COVERED,
    ENGLISH,
    LABELS,
    NOT_COVERED,
    SYNONYMS,
    TOGETHER,
    NamedConcept,
    Nouns,
    label_sets,
    same_words,
    thing_sets,
)
from ranker.evaluation.measuring import QuerySet

LABELS_HERE = ("chair", "crocodile", "crocodile_head", "gavial", "windsor_chair", "yin_yang")
NOUNS = Nouns(
    spoken={
        "chair": "chair",
        "crocodile": "crocodile",
        "crocodile_head": "crocodile",
        "gavial": "gavial",
        "windsor_chair": "windsor chair",
        "yin_yang": "yin yang",
    },
    covered=frozenset({"chair", "crocodile", "crocodile_head"}),
    synset_of={
        "chair": "10",
        "crocodile": "20",
        "crocodile_head": "20",
        "gavial": "21",
        "windsor_chair": "11",
    },
    concepts={
        "10": NamedConcept(name="chair", lemmas=("chair", "Chairs"), parents=("1",)),
        "20": NamedConcept(
            name="crocodile", lemmas=("crocodile", "croc", "Croco-dile"), parents=("2",)
        ),
        "1": NamedConcept(name="seat (furniture)", lemmas=("seat",), parents=("3",)),
        "2": NamedConcept(name="reptile", lemmas=("reptile",), parents=("3",)),
        "3": NamedConcept(name="object", lemmas=("object",), parents=("4",)),
        "4": NamedConcept(name="entity", lemmas=("entity",), parents=()),
    },
    lemmas={"11": ("Windsor chair",), "21": ("gavial", "Gavialis gangeticus")},
    broader={"10": ("1",), "11": ("10",), "20": ("2",), "21": ("2",), "1": ("3",), "2": ("3",)},
    foreign={"fr": {"10": ("chaise", "Chaise", "..."), "21": ("gavial du Gange",)}},
)


def asked(sets: list[QuerySet], name: str) -> list[tuple[str, frozenset[str]]]:
    (one,) = (found for found in sets if found.name == name)
    return [(query.text, query.labels) for query in one.queries]


def test_labels_are_asked_for_by_their_own_words() -> None:
    """Strictly, and with labels of the same words together; covered and not."""
    sets = label_sets(NOUNS, LABELS_HERE)

    assert [one.name for one in sets] == [LABELS, COVERED, TOGETHER, NOT_COVERED]
    assert [labels for _, labels in asked(sets, LABELS)] == [{label} for label in LABELS_HERE]
    assert asked(sets, COVERED) == [
        ("chair", {"chair"}),
        ("crocodile", {"crocodile"}),
        ("crocodile", {"crocodile_head"}),
    ]
    assert asked(sets, TOGETHER)[1] == ("crocodile", {"crocodile", "crocodile_head"})
    assert [text for text, _ in asked(sets, NOT_COVERED)] == [
        *("gavial", "windsor chair", "yin yang")
    ]


def test_a_thing_is_asked_for_once_by_its_labels_words() -> None:
    """Both labels of a crocodile are one thing, and a Windsor chair is a chair."""
    assert asked(thing_sets(NOUNS, LABELS_HERE), ENGLISH) == [
        ("chair", {"chair", "windsor_chair"}),
        ("crocodile", {"crocodile", "crocodile_head"}),
    ]


def test_synonyms_are_other_words() -> None:
    """A hyphen, a capital or a plural makes no synonym."""
    sets = thing_sets(NOUNS, LABELS_HERE)

    assert asked(sets, SYNONYMS) == [("croc", {"crocodile", "crocodile_head"})]
    assert asked(sets, f"{SYNONYMS}, not covered") == [("Gavialis gangeticus", {"gavial"})]


def test_broader_terms_are_one_and_two_steps_above() -> None:
    """What lies below a term matches, covered or not; names with a kind are not typed."""
    everything = set(LABELS_HERE) - {"yin_yang"}

    assert asked(thing_sets(NOUNS, LABELS_HERE), BROADER) == [
        ("reptile", {"crocodile", "crocodile_head", "gavial"}),
        ("object", everything),
    ]


def test_broader_terms_need_wordnet() -> None:
    """The taxonomy alone does not know that a gavial is a reptile: it would count as wrong."""
    sets = thing_sets(replace(NOUNS, lemmas={}, broader={}), LABELS_HERE)

    assert [one.name for one in sets] == [ENGLISH, SYNONYMS, "French", "French, not covered"]


def test_words_of_other_languages_come_with_their_language() -> None:
    """Each once, and only what is a word."""
    sets = {one.name: one for one in thing_sets(NOUNS, LABELS_HERE)}
    (chair,) = sets["French"].queries

    assert (chair.text, chair.language, chair.about) == ("chaise", "fr", "10")
    assert [q.text for q in sets["French, not covered"].queries] == ["gavial du Gange"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("cell phone", "cellphone", True),
        ("T-shirts", "t shirt", True),
        ("Butterflies", "butterfly", True),
        ("cell", "cellphone", False),
        ("sax", "saxophone", False),
    ],
)
def test_spelling_makes_no_other_word(one: str, other: str, same: bool) -> None:
    """Else synonyms would be found by the name itself."""
    assert same_words(one, other) is same
