"""Words that say nearly the same: counted over captions, whole or refused on disk."""

from __future__ import annotations

import pytest

from alicorn.errors import BadRequest, CorruptData
from understanding.texts.build import MOST_RELATED, form_of, related_words
from understanding.texts.related import RelatedWords
from understanding.texts.words import CaptionWords

# What is a bike to some is a bicycle to others, who see the same wheels; boats are another matter.
PICTURES = [
    *(["a bike here", "wheels with a saddle"] for _ in range(4)),
    *(["a bicycle here", "wheels with a saddle"] for _ in range(4)),
    *(["one boat", "some sail on waves"] for _ in range(4)),
    *(["one vessel", "some sail on waves"] for _ in range(4)),
    *(["she is riding far", "a person who rides"] for _ in range(4)),
    ["an axolotl", "an axolotl again"],
]


def test_what_others_say_of_the_same_picture_is_related() -> None:
    """Not what goes with it in one sentence only."""
    found = related_words(PICTURES)
    bike = dict(found.of("bike"))

    assert "bicycle" in bike
    assert not {"boat", "sail", "vessel", "here"} & set(bike)
    assert "vessel" in dict(found.of("boat"))
    assert all(0 < weight < 1 for weight in bike.values())
    assert found.of("axolotl") == ()


def test_forms_of_a_verb_are_related_before_all_others() -> None:
    """Indexed words lose their plural only; who searches for riding means rides, too."""
    assert related_words(PICTURES).of("riding")[0][0] == "ride"


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("ride", "riding"), True),
        (("sit", "sitting"), True),
        (("park", "parked", "parking"), True),
        (("red", "reding"), True),
        (("bed", "bing"), False),
        (("sing", "s"), False),
        (("fall", "falling"), True),
    ],
)
def test_forms_are_told_by_their_endings(words: tuple[str, ...], same: bool) -> None:
    """Short words are no endings."""
    assert (len({form_of(word) for word in words}) == 1) is same


def test_the_order_of_the_pictures_changes_nothing() -> None:
    """The same captions make the same table."""
    found, turned = related_words(PICTURES), related_words(PICTURES[::-1])

    assert dict(found.by_word) == dict(turned.by_word)


def test_captions_that_say_nothing_twice_are_refused() -> None:
    """A table of nothing would look like one."""
    with pytest.raises(BadRequest, match="found 0 words said of 3 pictures"):
        related_words([["one bear"], ["two zebras"]])


def test_a_saved_table_reads_as_it_was_and_a_damaged_one_does_not(tmp_path) -> None:
    """A wrong word would only make the order a little worse, for ever, unseen."""
    found = related_words(PICTURES)
    path = tmp_path / "related.json"
    found.save(path)
    whole = path.read_bytes()

    assert dict(RelatedWords.read(path).by_word) == dict(found.by_word)
    for position in range(0, len(whole), 97):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(CorruptData):
            RelatedWords.read(path)


def test_what_ships_is_small_and_says_what_people_say() -> None:
    """DB-10: a word costs few more lists."""
    words = CaptionWords.load()
    table = words.related_words.by_word
    sizes = [len(found) for found in table.values()]

    assert "bicycle" in dict(words.related("bike"))
    assert max(sizes) <= MOST_RELATED + 4
    for word, found in table.items():
        assert word not in dict(found)
        assert [w for _, w in found] == sorted((w for _, w in found), reverse=True)
