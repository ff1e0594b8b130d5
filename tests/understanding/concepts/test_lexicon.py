"""Words to concepts by exact names: plurals, spellings, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.text import tokens
from understanding.concepts.coverage import covered, query_of_label
from understanding.concepts.lexicon import MOST_MATCHES, Lexicon
from understanding.concepts.morphology import singulars
from understanding.concepts.taxonomy import Taxonomy


def names(lexicon: Lexicon, text: str) -> list[str]:
    """Return the concepts that ``text`` names, best first."""
    return [match.concept for match in lexicon.lookup(tuple(tokens(text)))]


@pytest.mark.parametrize(
    "word", ["cat", "dog", "coffee", "motorcycle", "rocket", "flower", "palace", "camera", "ball"]
)
def test_a_plain_word_names_its_concept_first_and_in_full(lexicon: Lexicon, word: str) -> None:
    """The words of the sample shelf find by what is seen, not only by captions."""
    matches = lexicon.lookup((word,))

    assert (matches[0].concept, matches[0].weight) == (word, 1.0)


def test_every_name_and_every_lemma_finds_its_concept(lexicon: Lexicon, taxonomy: Taxonomy) -> None:
    """Whatever is shown as a tag can be typed, and every synonym of WordNet with it."""
    for concept in taxonomy.concepts:
        assert concept.name in names(lexicon, concept.name)
        for lemma in concept.lemmas:
            found = names(lexicon, lemma)
            assert concept.name in found or len(found) == MOST_MATCHES, (concept.name, lemma)


@pytest.mark.parametrize(
    ("plural", "concept"),
    [
        ("cats", "cat"),
        ("mice", "mouse"),
        ("geese", "goose"),
        ("wolves", "wolf"),
        ("foxes", "fox"),
        ("churches", "church"),
        ("strawberries", "strawberry"),
        ("buses", "bus"),
        ("oxen", "ox"),
        ("knives", "knife"),
        ("soccer balls", "soccer ball"),
        ("Great Pyrenees", "great pyrenees"),
    ],
)
def test_a_plural_finds_the_singular(lexicon: Lexicon, plural: str, concept: str) -> None:
    """People type what they see, and that is often several."""
    assert concept in names(lexicon, plural)


@pytest.mark.parametrize("typed", ["t-shirt", "T shirt", "tshirt", "T-SHIRTS", "tee shirt"])
def test_hyphens_spaces_and_case_do_not_matter(lexicon: Lexicon, typed: str) -> None:
    """One thing, many spellings."""
    assert names(lexicon, typed)[0] == "jersey"


def test_what_is_written_apart_or_together_is_the_same(lexicon: Lexicon) -> None:
    """*sea coast* for seacoast, *soccerball* for soccer ball."""
    assert names(lexicon, "sea coast") == names(lexicon, "seacoast") == ["seashore"]
    assert names(lexicon, "soccerballs") == ["soccer ball"]


def test_a_thing_named_in_the_plural_only_is_found_by_its_singular(lexicon: Lexicon) -> None:
    """A label says *binocular*; the concept is *binoculars*."""
    assert names(lexicon, "binocular") == ["binoculars"]


def test_an_exact_plural_name_counts_more_than_several_of_its_singular(lexicon: Lexicon) -> None:
    """*glasses* are worn; they may also stand on a table."""
    matches = {match.concept: match.weight for match in lexicon.lookup(("glasses",))}

    assert matches["spectacles"] == 1.0
    assert matches["glass"] == 0.5


@pytest.mark.parametrize(
    ("word", "concept", "at_most"),
    [("kite", "kite", 0.5), ("mouse", "mouse", 0.34), ("drake", "drake", 1.0)],
)
def test_a_word_whose_usual_sense_is_missing_counts_less(
    lexicon: Lexicon, word: str, concept: str, at_most: float
) -> None:
    """The taxonomy has the hawk, not the toy; the pointing device, not the rodent."""
    (match,) = lexicon.lookup((word,))

    assert match.concept == concept
    assert 0 < match.weight <= at_most


@pytest.mark.parametrize("word", ["lobster", "leopard", "banana", "palace", "beaver", "library"])
def test_a_sense_that_looks_the_same_takes_nothing_away(lexicon: Lexicon, word: str) -> None:
    """WordNet begins with the flesh, the pelt, the plant, the mansion, the hat, the room."""
    assert lexicon.lookup((word,))[0].weight == 1.0


@pytest.mark.parametrize("word", ["bass", "grass", "zzz", "beach", "princess", "gas", "s", ""])
def test_a_word_that_names_nothing_finds_nothing(lexicon: Lexicon, word: str) -> None:
    """No look-alikes: *bass* is no basset and no bassoon."""
    assert lexicon.lookup((word,)) == ()


def test_two_concepts_of_one_word_come_in_the_order_of_their_senses(lexicon: Lexicon) -> None:
    """The crane that lifts before the crane that wades."""
    matches = [(match.concept, match.weight) for match in lexicon.lookup(("crane",))]

    assert matches == [("crane", 1.0), ("crane (bird)", 0.5)]


def test_the_longest_term_is_taken(lexicon: Lexicon) -> None:
    """DB-05: a soccer ball is one thing; a beach ball too, although no concept is called so."""
    length, matches = lexicon.longest_match(["red", "soccer", "balls", "here"], 1)

    assert (length, [match.concept for match in matches]) == (2, ["soccer ball"])
    assert lexicon.longest_match(["beach", "balls"], 0) == (2, ())
    assert lexicon.longest_match(["prairie", "dog"], 0) == (2, ())
    assert lexicon.longest_match(["coffee", "cup"], 0)[0] == 1
    assert lexicon.longest_match(["qwerty"], 0) == (0, ())
    assert lexicon.longest_match([], 0) == (0, ())


def slow_longest(lexicon: Lexicon, words: list[str], start: int) -> int:
    """Look everything up, from every end, and keep the longest."""
    compounds = set(Taxonomy.load().terms)
    found = [
        end - start
        for end in range(start + 1, len(words) + 1)
        if lexicon.lookup(tuple(words[start:end])) or " ".join(words[start:end]) in compounds
    ]
    return max(found, default=0)


WORDS = st.sampled_from(
    [
        "beach",
        "ball",
        "soccer",
        "dog",
        "sea",
        "lion",
        "french",
        "horn",
        "red",
        "hot",
        "of",
        "the",
        "t",
        "shirt",
    ]
)


@given(words=st.lists(WORDS, max_size=8), start=st.integers(0, 8))
def test_the_longest_match_agrees_with_looking_everything_up(words: list[str], start: int) -> None:
    """The limit on length must not hide a longer term."""
    lexicon = Lexicon.load()

    assert lexicon.longest_match(words, start)[0] == slow_longest(lexicon, words, start)


@given(words=st.lists(st.text(max_size=12), max_size=6).map(tuple))
def test_a_lookup_of_anything_is_ordered_and_bounded(words: tuple[str, ...]) -> None:
    """DB-08, DB-10: at most ten concepts a term, best first, weights in (0, 1]."""
    matches = Lexicon.load().lookup(words)

    assert len(matches) <= MOST_MATCHES
    assert list(matches) == sorted(matches, key=lambda m: (-m.weight, m.concept))
    assert all(0 < match.weight <= 1 for match in matches)


def test_the_rules_of_detachment_are_wordnets() -> None:
    """morphy(7WN), with irregular plurals first and no stripping of -ss."""
    assert list(singulars("geese", {"geese": ("goose",)})) == ["goose"]
    assert "box" in list(singulars("boxes", {}))
    assert "fireman" in list(singulars("firemen", {}))
    assert "berry" in list(singulars("berries", {}))
    assert list(singulars("glass", {})) == []


def test_known_lemmas_are_those_of_leaves_and_ancestors(lexicon: Lexicon) -> None:
    """The evaluation's list of covered labels is made from them."""
    lemmas = lexicon.known_lemmas()

    assert {"dog", "tench", "soccer ball", "domestic dog", "t-shirt"} <= lemmas
    assert not {"beach ball", "bass", "entity"} & lemmas


def test_a_label_is_asked_for_as_people_would_type_it() -> None:
    """Folder names say how a thing is shown, queries do not."""
    assert query_of_label("cougar_body") == "cougar"
    assert query_of_label("sea_horse") == "sea horse"
    assert query_of_label("head") == "head"


@pytest.mark.data
def test_half_of_the_caltech_labels_are_covered(data_dir: Path) -> None:
    """About 52 of 100 were seen to be; the rest are for words and pictures to repair."""
    labels = sorted(path.name for path in (data_dir / "photos" / "caltech101").iterdir())
    found = covered(labels)

    assert len(labels) == 100
    assert len(found) >= 45
    assert {"dalmatian", "soccer_ball", "car_side", "Motorbikes"} <= set(found)
    assert not {"bass", "yin_yang", "garfield", "snoopy"} & set(found)
