"""Singulars that are proposed for plurals, and words without their article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.concepts.languages.accents import unaccented
from understanding.concepts.languages.morphology import ELIDED, singulars, without_elision

PLURALS = {
    "fr": "chiens:chien bateaux:bateau chevaux:cheval yeux:œil bijoux:bijou",
    "it": "cani:cane gatti:gatto case:casa laghi:lago mucche:mucca arance:arancia uova:uovo",
    "pt": "cães:cão leões:leão animais:animal anéis:anel flores:flor homens:homem barris:barril",
    "nl": "honden:hond katten:kat bomen:boom huizen:huis brieven:brief tafels:tafel schepen:schip",
    "pl": "psy:pies koty:kot kobiety:kobieta jabłka:jabłko książki:książka słonie:słoń "
    "kościoły:kościół zamki:zamek",
    "da": "hunde:hund katte:kat biler:bil huset:hus cykler:cykel børn:barn kvinder:kvinde",
    "ca": "gossos:gos cases:casa platges:platja vaques:vaca lleons:lleó gats:gat",
    "gl": "cans:can animais:animal luces:luz flores:flor",
    "eu": "txakurrak:txakur katuak:katu etxeak:etxe mendia:mendi txakurra:txakur",
}


@pytest.mark.parametrize(
    ("language", "pair"),
    [(code, pair) for code, pairs in PLURALS.items() for pair in pairs.split()],
)
def test_the_singular_is_among_what_is_proposed(language: str, pair: str) -> None:
    """The names dispose of the rest."""
    plural, singular = pair.split(":")

    assert singular in list(singulars(plural, language))


@given(
    word=st.text("abdehiklnorsxyzéõł", max_size=9), language=st.sampled_from([*PLURALS, "zh", ""])
)
def test_proposals_are_few_and_different(word: str, language: str) -> None:
    """Each costs a search."""
    proposed = list(singulars(word, language))

    assert word not in proposed
    assert len(set(proposed)) == len(proposed) <= 16
    assert all(len(singular) >= 2 for singular in proposed)


@given(
    elided=st.sampled_from([(code, part) for code, parts in ELIDED.items() for part in parts]),
    word=st.sampled_from(["ours", "éléphant", "homme", "acqua", "illa"]),
)
def test_what_was_written_on_to_a_word_comes_off(elided: tuple[str, str], word: str) -> None:
    """`tokens` drops the apostrophe of *l'ours*."""
    language, part = elided

    assert word in list(without_elision(part + word, language))


def test_nothing_comes_off_before_a_consonant() -> None:
    """*le* keeps its vowel there; and Polish has no articles."""
    assert list(without_elision("dragon", "fr")) == []
    assert list(without_elision("lody", "pl")) == []


@given(text=st.text("aéłøœçñ狗ア й\n", max_size=20))
def test_accents_go_and_nothing_else_changes(text: str) -> None:
    """Twice is once, lines and spaces stay where they are."""
    plain = unaccented(text)

    assert unaccented(plain) == plain
    assert [len(line.split(" ")) for line in plain.split("\n")] == [
        len(line.split(" ")) for line in text.split("\n")
    ]
