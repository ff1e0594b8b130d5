"""The file of one language, against a dictionary."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import CorruptData, ShapeError
from understanding.concepts.languages.accents import unaccented
from understanding.concepts.languages.table import NameTable, pack_names

words = st.lists(st.text("abeéèzł狗", min_size=1, max_size=3), min_size=1, max_size=3).map(tuple)
meanings = st.lists(
    st.tuples(st.integers(0, 99_999_999).map("{:08d}".format), st.integers(1, 255)),
    max_size=4,
    unique_by=lambda meaning: meaning[0],
).map(lambda found: [(synset, part / 255) for synset, part in found])


@given(names=st.dictionaries(words, meanings, max_size=30), asked=words)
def test_it_finds_what_a_dictionary_finds(
    names: dict[tuple[str, ...], list[tuple[str, float]]], asked: tuple[str, ...]
) -> None:
    """Every name that looks like it without accents, with exactly its synsets and weights."""
    table = NameTable(pack_names(names), "test")
    kept = {name: found for name, found in names.items() if found}

    assert len(table) == len(kept)
    assert table.longest == max(map(len, kept), default=0)
    for term in (*names, asked):
        alike = sorted(
            (name == term, found)
            for name, found in kept.items()
            if list(map(unaccented, name)) == list(map(unaccented, term))
        )

        assert sorted(table.find(term)) == alike
    begins = any(len(name) > 1 and unaccented(name[0]) == unaccented(asked[0]) for name in kept)
    assert table.begins(asked[0]) == begins


def test_the_same_names_give_the_same_bytes_in_any_order() -> None:
    """What ships must be what anybody can make again."""
    some = {("b",): [("00000002", 1.0)], ("a", "c"): [("00000001", 0.5), ("00000002", 0.25)]}

    assert pack_names(some) == pack_names(dict(reversed(some.items())))


@pytest.mark.parametrize("damage", ["no archive", "an array is missing", "too short", "format"])
def test_a_file_of_something_else_is_refused(damage: str) -> None:
    """By name, and never by a wrong answer."""
    data = pack_names({("a",): [("00000001", 1.0)], ("b",): [("00000002", 1.0)]})
    with np.load(io.BytesIO(data)) as arrays:
        found = dict(arrays)
    file = io.BytesIO()
    if damage == "an array is missing":
        del found["weight"]
    elif damage == "too short":
        found["names"] = found["names"][:-2]
    elif damage == "format":
        found["format"] = found["format"] + 1
    np.savez(file, **found)
    broken = b"none" if damage == "no archive" else file.getvalue()

    with pytest.raises(CorruptData, match=r"names\.xx"):
        NameTable(broken, "names.xx.npz")


def test_more_synsets_than_two_bytes_can_count_are_refused() -> None:
    """WordNet's nouns are more, but no wordnet names them all."""
    many = {(str(n),): [(f"{n:08d}", 1.0)] for n in range(65_537)}

    with pytest.raises(ShapeError, match="found 65537 synsets, needed at most 65536"):
        pack_names(many)
