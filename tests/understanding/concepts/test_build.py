"""Making the taxonomy: bytes, names, weights and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

import pytest

from alicorn.errors import BadRequest, NotFound
from understanding.concepts.build import build_taxonomy
from understanding.concepts.lexicon import Lexicon
from understanding.concepts.taxonomy import CARD_FILE, TAXONOMY_FILE, TERMS_FILE, Taxonomy

ClassList = Callable[[Sequence[str]], Path]
LEAVES = ["02012849", "03126707", "03000002", "03000004"]


def test_a_small_taxonomy_has_unique_names_families_and_parents(
    tiny_wordnet: Path, class_list: ClassList, tmp_path: Path
) -> None:
    """The machine has the commoner sense, so the bird gets its kind; the broadest are gone."""
    build_taxonomy(tiny_wordnet, class_list(LEAVES), tmp_path / "out")
    taxonomy = Taxonomy.load(tmp_path / "out")

    assert taxonomy.names == [
        "crane (bird)",
        "crane",
        "kiwi",
        "rodent thing",
        "artifact",
        "lifting device",
        "wading bird",
    ]
    assert taxonomy.concept("crane (bird)").parents == ("wading bird",)
    assert taxonomy.concept("crane (bird)").family == "animal"
    assert taxonomy.concept("crane").family == "object"
    assert taxonomy.leaves_below[taxonomy.index_of["lifting device"]] == (1,)


def test_weights_fall_with_the_concepts_before_and_names_of_persons_do_not_count(
    tiny_wordnet: Path, class_list: ClassList, tmp_path: Path
) -> None:
    """Nobody who looks for cranes looks for Stephen Crane."""
    build_taxonomy(tiny_wordnet, class_list(LEAVES), tmp_path / "out")
    lexicon = Lexicon(Taxonomy.load(tmp_path / "out"))

    matches = [(match.concept, match.weight) for match in lexicon.lookup(("crane",))]

    assert matches == [("crane", 1.0), ("crane (bird)", 0.5)]
    assert [m.concept for m in lexicon.lookup(("geese",))] == ["rodent thing"]
    assert lexicon.longest_match(["paper", "cranes"], 0) == (2, ())


def test_the_same_input_gives_the_same_bytes(
    tiny_wordnet: Path, class_list: ClassList, tmp_path: Path
) -> None:
    """What ships must be what anybody can make again."""
    classes = class_list(LEAVES)
    card = build_taxonomy(tiny_wordnet, classes, tmp_path / "one")
    again = build_taxonomy(tiny_wordnet, classes, tmp_path / "two")

    assert card == again
    for name in (TAXONOMY_FILE, TERMS_FILE, CARD_FILE):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_classes_must_be_known_and_come_once(
    tiny_wordnet: Path, class_list: ClassList, tmp_path: Path
) -> None:
    """A shifted class list would tag every photo wrongly."""
    with pytest.raises(BadRequest, match="line 2"):
        build_taxonomy(tiny_wordnet, class_list(["02012849", "99999999"]), tmp_path)
    with pytest.raises(BadRequest, match="twice"):
        build_taxonomy(tiny_wordnet, class_list(["02012849", "02012849"]), tmp_path)
    with pytest.raises(NotFound, match="class list"):
        build_taxonomy(tiny_wordnet, tmp_path / "absent.txt", tmp_path)


@pytest.mark.data
def test_wordnet_gives_the_shipped_files_again(wordnet_dir: Path, tmp_path: Path) -> None:
    """The shipped taxonomy is the work of the command on its card, to the byte."""
    shipped = Path(str(resources.files("understanding.concepts.data")))
    build_taxonomy(wordnet_dir, shipped / "classes.txt", tmp_path)

    for name in (TAXONOMY_FILE, TERMS_FILE, CARD_FILE):
        assert (shipped / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_the_shipped_files_are_small_and_carry_the_licence_of_wordnet() -> None:
    """WordNet may be passed on with its notice only."""
    shipped = Path(str(resources.files("understanding.concepts.data")))
    card = json.loads((shipped / CARD_FILE).read_text())

    assert (shipped / TAXONOMY_FILE).stat().st_size < 500_000
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in (
        shipped / "NOTICE.txt"
    ).read_text("utf-8")
    assert card["counts"]["leaves"] == 1000
