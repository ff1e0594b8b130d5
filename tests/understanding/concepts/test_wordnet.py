"""Reading WordNet's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from alicorn.errors import CorruptData, NotFound
from understanding.concepts.wordnet import ancestors, read_wordnet


def test_a_synset_keeps_its_words_its_parents_and_its_definition(tiny_wordnet: Path) -> None:
    """The licence lines at the top are no synsets, and examples are no definition."""
    wordnet = read_wordnet(tiny_wordnet)
    bird = wordnet.synsets["02000001"]

    assert bird.lemmas == ("wading bird",)
    assert bird.hypernyms == ("01503061",)
    assert bird.gloss == "what wading_bird means"
    assert not bird.is_instance
    assert wordnet.synsets["09000001"].is_instance


def test_senses_keep_the_order_of_frequency(tiny_wordnet: Path) -> None:
    """The first sense decides what a word means most."""
    wordnet = read_wordnet(tiny_wordnet)

    assert wordnet.senses["crane"] == ("09000001", "03126707", "02012849")


def test_ancestors_come_level_by_level(tiny_wordnet: Path) -> None:
    """Families take the nearest root, so levels must not be mixed."""
    wordnet = read_wordnet(tiny_wordnet)

    assert ancestors(wordnet, "02012849") == [
        ("02012849",),
        ("02000001",),
        ("01503061",),
        ("00015388",),
        ("00002684",),
        ("00001740",),
    ]


def test_a_missing_file_is_named(tiny_wordnet: Path) -> None:
    """The user must see which package to install."""
    (tiny_wordnet / "index.noun").unlink()

    with pytest.raises(NotFound, match=r"index\.noun"):
        read_wordnet(tiny_wordnet)


@pytest.mark.parametrize("name", ["data.noun", "index.noun"])
def test_a_broken_line_is_named_with_its_number(tiny_wordnet: Path, name: str) -> None:
    """A cut-off download must not become half a taxonomy."""
    path = tiny_wordnet / name
    path.write_text(path.read_text() + "nonsense\n")

    with pytest.raises(CorruptData, match=rf"{name} line \d+"):
        read_wordnet(tiny_wordnet)
