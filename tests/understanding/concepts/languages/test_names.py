"""What words of ten languages mean, by the shipped names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.text import tokens
from alicorn.errors import ConfigError, MissingModel
from understanding.concepts.languages import NamedSynset, Names
from understanding.concepts.languages.names import MOST_MEANINGS

Nouns = list[tuple[frozenset[str], Mapping[str, str]]]

LANGUAGES = ("fr", "it", "pt", "nl", "pl", "da", "ca", "zh", "eu", "gl")

# Polish and Chinese have some of them in another synset than English does.
RIGHT = {"fr": 48, "it": 44, "pt": 46, "nl": 42, "pl": 40, "da": 48, "ca": 47, "zh": 44}
RIGHT |= {"gl": 46, "eu": 48}
HELD_OUT_RIGHT = {"fr": 25, "it": 23, "pt": 24, "nl": 23, "pl": 22, "da": 21, "ca": 24, "zh": 21}
HELD_OUT_RIGHT |= {"gl": 23, "eu": 24}


def _best(names: Names, text: str, language: str) -> str | None:
    found = names.lookup(tuple(tokens(text)), language)
    return found[0].synset if found else None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("file", "right"), [("common_nouns.tsv", RIGHT), ("held_out_nouns.tsv", HELD_OUT_RIGHT)]
)
def test_common_nouns_mean_what_everybody_means_by_them(
    names: Names,
    nouns: Callable[[str], Nouns],
    file: str,
    right: dict[str, int],
    language: str,
) -> None:
    """PS-29: the best meaning of a noun is the one a photo shows; 50 chosen on, 26 held out."""
    found = sum(_best(names, words[language], language) in gold for gold, words in nouns(file))

    assert found >= right[language]


def test_the_languages_are_those_that_ship(names: Names) -> None:
    """Ten, each with names of several words; Danish has the smallest wordnet."""
    assert names.languages == LANGUAGES
    assert all(names.longest(language) >= 3 for language in LANGUAGES)
    assert names.longest("de") == 0
    assert names.lookup(("hund",), "de") == ()
    assert names.lookup((), "fr") == ()


# The dog, the bear and so on, in every form in which somebody may ask for it.
FORMS = {
    ("fr", "02374451"): ["cheval", "CHEVAUX", "chevaux"],
    ("fr", "02503517"): ["éléphant", "elephant", "l'éléphant", "l’éléphants", "ELEPHANTS"],
    ("fr", "02834778"): ["vélo", "velo", "vélos", "velos"],
    ("fr", "02134084"): ["ours blanc", "ours blancs", "l'ours blanc"],
    ("it", "02131653"): ["orso", "orsi", "l'orso", "un'orso"],
    ("it", "09217230"): ["spiaggia", "spiagge"],
    ("pt", "02129165"): ["leão", "leões", "leao"],
    ("nl", "13104059"): ["boom", "bomen"],
    ("nl", "02121620"): ["huiskat", "huiskatten"],
    ("pl", "02084071"): ["pies", "psy"],
    ("pl", "03028079"): ["kościół", "kościoły", "kosciol"],
    ("da", "02958343"): ["bil", "biler", "bilen", "bilerne"],
    ("da", "02121620"): ["kat", "katte", "katten"],
    ("ca", "02131653"): ["ós", "óssos", "l'ós"],
    ("ca", "02129165"): ["lleó", "lleons"],
    ("zh", "02834778"): ["自行车"],
    ("gl", "02129165"): ["león", "leóns", "leons"],
    ("eu", "02121620"): ["katu", "katuak"],
}


@pytest.mark.parametrize(
    ("language", "synset", "text"),
    [(language, synset, text) for (language, synset), texts in FORMS.items() for text in texts],
)
def test_plurals_accents_and_articles_do_not_matter(
    names: Names, language: str, synset: str, text: str
) -> None:
    """One finds what is there however one types it."""
    assert _best(names, text, language) == synset


def test_what_is_spelled_so_counts_more_than_what_only_looks_alike(names: Names) -> None:
    """*vélo* is meant for certain, *velo* may be another word; and *pêche* is never a sin."""
    spelled = names.lookup(("vélo",), "fr")[0]
    plain = names.lookup(("velo",), "fr")[0]
    sin = {found.synset for found in names.lookup(("péché",), "fr")}
    peach = {found.synset for found in names.lookup(("pêche",), "fr")}

    assert plain.weight < spelled.weight
    assert not sin & peach
    assert {found.synset for found in names.lookup(("peche",), "fr")} <= sin | peach


def test_a_plural_that_is_a_name_of_its_own_is_also_several_things(names: Names) -> None:
    """*fiori* is a suit of cards to the wordnet; a photo shows flowers."""
    found = names.lookup(("fiori",), "it")

    assert "11669921" in {meaning.synset for meaning in found[:3]}


@pytest.mark.parametrize(("word", "synset"), [("kat", "02121620"), ("aardbei", "07745940")])
def test_a_name_that_a_wordnet_has_in_the_wrong_place_means_the_usual_thing_too(
    names: Names, word: str, synset: str
) -> None:
    """In the Dutch wordnet *kat* is a spiteful woman only, and *aardbei* the plant."""
    assert synset in {meaning.synset for meaning in names.lookup((word,), "nl")[:2]}


@given(
    words=st.lists(st.text("abcdeilnorstuéèłøś国狗", min_size=1, max_size=8), max_size=4),
    language=st.sampled_from((*LANGUAGES, "de", "xx")),
)
def test_any_words_are_answered_in_order_with_sane_weights(words: list[str], language: str) -> None:
    """Nothing that is typed can break it."""
    found = Names.load().lookup(tuple(words), language)

    assert list(found) == sorted(found, key=lambda one: (-one.weight, one.synset))
    assert len({one.synset for one in found}) == len(found) <= MOST_MEANINGS
    assert all(0 < one.weight <= 1 and len(one.synset) == 8 for one in found)


def test_only_the_languages_that_were_asked_for_are_there() -> None:
    """The setting can leave languages out."""
    some = Names.load(["pl", "fr"])

    assert some.languages == ("pl", "fr")
    assert some.lookup(("chien",), "fr")
    assert some.lookup(("hund",), "da") == ()


def test_a_language_that_does_not_ship_is_refused_with_those_that_do() -> None:
    """A typing error in the settings is told at the start."""
    with pytest.raises(ConfigError, match=r"'de', needed one of fr, it"):
        Names.load(["de"])


def test_a_file_that_is_not_the_one_on_the_card_is_refused(names: Names, tmp_path: Path) -> None:
    """A half-copied installation says so and does not answer nonsense."""
    for name in ("languages.card.json", "names.da.npz"):
        (tmp_path / name).write_bytes((names.folder / name).read_bytes())
    (tmp_path / "names.da.npz").write_bytes(b"other")
    broken = Names(tmp_path)

    with pytest.raises(MissingModel, match=r"names\.da\.npz has sha256"):
        broken.lookup(("hund",), "da")
    with pytest.raises(MissingModel, match=r"names\.fr\.npz"):
        broken.lookup(("chien",), "fr")


def test_threads_get_the_same_answers(names: Names) -> None:
    """The page asks from several threads, and the first one reads the file."""
    fresh = Names.load(["nl"])
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: fresh.lookup(("honden",), "nl"), range(32)))

    assert found == {names.lookup(("honden",), "nl")}
    assert isinstance(next(iter(found))[0], NamedSynset)
