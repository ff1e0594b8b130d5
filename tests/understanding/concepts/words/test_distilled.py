"""The shipped vectors and their file: what is found, what is refused."""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from alicorn.cards import sha256_of
from alicorn.errors import CorruptData, MissingModel
from understanding.concepts.card import Card
from understanding.concepts.words.distilled import (
    CARD_FILE,
    WORDS_FILE,
    DistilledWords,
    load_words,
)

_DATA = Path(str(resources.files("understanding.concepts.data")))


@pytest.fixture(scope="module")
def words() -> DistilledWords:
    return load_words()


def test_a_word_has_its_meanings_the_most_usual_first(words: DistilledWords) -> None:
    """A lotus is a plant, and a water lily."""
    senses = words.senses(("lotus",))

    assert [sense.weight for sense in senses] == sorted((s.weight for s in senses), reverse=True)
    assert senses[0].weight == 1.0
    assert all(np.linalg.norm(s.vector) == pytest.approx(1, abs=1e-4) for s in senses)
    assert all(sense.vector.shape == (words.dimensions,) for sense in senses)


@pytest.mark.parametrize(
    ("typed", "same"),
    [("ibises", "ibis"), ("scissor", "scissors"), ("sea horses", "sea horse"), ("geese", "goose")],
)
def test_a_plural_means_what_its_singular_means(
    words: DistilledWords, typed: str, same: str
) -> None:
    """So do things that are named in the plural only."""
    found = [sense.synset for sense in words.senses(tuple(typed.split()))]

    assert found == [sense.synset for sense in words.senses(tuple(same.split()))]


def test_every_term_is_found_where_it_stands(words: DistilledWords) -> None:
    """Bisection over bytes against a dictionary."""
    terms = [term.decode() for term in words._all_terms()]
    plain = {term: row for row, term in enumerate(terms)}

    assert terms == sorted(terms, key=str.encode)
    assert all(words._row_of(term.encode()) == plain[term] for term in terms[::97])
    assert all(words._row_of((term + "\x00").encode()) is None for term in terms[::997])
    assert words._row_of(b"") is None
    assert max(term.count(" ") for term in terms) + 1 == words.longest("en")


def test_ancestors_say_less_the_broader_they_are(words: DistilledWords) -> None:
    """From a dog up to an entity: information falls to nothing."""
    above = words.ancestors("02084071")

    assert above["02084071"] == max(above.values())
    assert above["00001740"] == pytest.approx(0, abs=1e-6)
    assert set(above) >= {"02084071", "02083346", "00015388", "00001740"}


def test_a_name_of_another_language_has_the_same_meaning(words: DistilledWords) -> None:
    """DB-04: a hedgehog by any name."""
    english = {sense.synset for sense in words.senses(("flamingo",))}

    assert english & {sense.synset for sense in words.senses(("flamant",), "fr")}
    assert words.senses(("flamant",), "xx") == ()
    assert words.longest("xx") == 0


def test_a_file_that_is_not_the_one_on_its_card_is_refused(tmp_path: Path) -> None:
    """Shipped models are what they say they are."""
    (tmp_path / WORDS_FILE).write_bytes(b"other")
    (tmp_path / CARD_FILE).write_bytes((_DATA / CARD_FILE).read_bytes())

    with pytest.raises(MissingModel, match=r"has sha256 .*, needed"):
        load_words(tmp_path)
    with pytest.raises(MissingModel, match="no card"):
        load_words(tmp_path / "nowhere")


def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    """A card may belong to a file that was made wrongly."""
    with np.load(_DATA / WORDS_FILE) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["senses"] = arrays["senses"][:-1]
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    (tmp_path / WORDS_FILE).write_bytes(buffer.getvalue())
    card = Card.read(_DATA / CARD_FILE)
    Card(
        name=card.name,
        about=card.about,
        command=card.command,
        sources=card.sources,
        counts=card.counts,
        sha256={WORDS_FILE: sha256_of(buffer.getvalue())},
    ).write(tmp_path / CARD_FILE)

    with pytest.raises(CorruptData, match="do not fit"):
        load_words(tmp_path)
