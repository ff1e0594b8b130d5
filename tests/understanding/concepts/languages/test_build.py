"""Making the names: weights, bytes, notices and refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from alicorn.errors import ConfigError, NotFound
from understanding.concepts.build import build_taxonomy
from understanding.concepts.card import Card
from understanding.concepts.languages import Names
from understanding.concepts.languages.build import NOTICE_FILE, build_languages
from understanding.concepts.languages.names import CARD_FILE
from understanding.concepts.languages.notices import CECILL_FILE
from understanding.concepts.languages.omw import CODES, read_open_wordnet
from understanding.concepts.languages.weights import read_counts
from understanding.concepts.taxonomy import Taxonomy
from understanding.concepts.wordnet import read_wordnet

BIRD, MACHINE = "02012849", "03126707"


@pytest.fixture
def counted(tiny_wordnet: Path) -> Path:
    """Return the tiny WordNet with counts: the crane that flies was tagged more often."""
    (tiny_wordnet / "cntlist.rev").write_text(
        "crane%1:05:00:: 3 8\ncrane%1:06:00:: 2 1\nnowhere%1:05:00:: 1 4\ncrane%2:30:00:: 1 9\n"
    )
    return tiny_wordnet


@pytest.fixture
def tiny_taxonomy(
    tiny_wordnet: Path, class_list: Callable[[Sequence[str]], Path], tmp_path: Path
) -> Taxonomy:
    build_taxonomy(tiny_wordnet, class_list([BIRD, MACHINE]), tmp_path / "taxonomy")
    return Taxonomy.load(tmp_path / "taxonomy")


def test_counts_belong_to_the_sense_with_that_number(counted: Path) -> None:
    """Verbs and words that this WordNet lacks are passed over."""
    assert read_counts(counted, read_wordnet(counted)) == {BIRD: 8, MACHINE: 1}


def test_the_usual_sense_counts_more_and_single_things_are_no_names(
    omw_dir: Path, counted: Path, tiny_taxonomy: Taxonomy, tmp_path: Path
) -> None:
    """A French crane is a bird first, then a machine, and never the writer."""
    build_languages(omw_dir, counted, tmp_path / "out", tiny_taxonomy)
    names = Names(tmp_path / "out")

    found = names.lookup(("grues",), "fr")

    assert names.languages == ("fr", "da")
    assert [meaning.synset for meaning in found] == [BIRD, MACHINE]
    assert found[0].weight > 2 * found[1].weight
    assert names.lookup(("crane",), "fr") == ()
    assert [meaning.synset for meaning in names.lookup(("fugle",), "da")] == ["01503061"]


def test_a_machine_does_not_mean_the_bird_of_the_same_english_name(
    omw_dir: Path, counted: Path, tiny_taxonomy: Taxonomy, tmp_path: Path
) -> None:
    """A sense is borrowed from its like only: Danish has two words for the English crane."""
    path = omw_dir / "wn-data-dan.tab"
    path.write_text(path.read_text("utf-8").replace(f"{BIRD}-n\tlemma\ttrane\n", ""), "utf-8")
    build_languages(omw_dir, counted, tmp_path / "out", tiny_taxonomy)

    found = Names(tmp_path / "out").lookup(("kran",), "da")

    assert [meaning.synset for meaning in found] == [MACHINE]


def test_the_same_sources_give_the_same_bytes_and_the_card_knows_them(
    omw_dir: Path, counted: Path, tiny_taxonomy: Taxonomy, tmp_path: Path
) -> None:
    """What ships must be what anybody can make again."""
    for out in ("one", "two"):
        build_languages(omw_dir, counted, tmp_path / out, tiny_taxonomy)
    made = {file.name: file.read_bytes() for file in (tmp_path / "one").iterdir()}
    card = Card.read(tmp_path / "one" / CARD_FILE)

    assert made == {file.name: file.read_bytes() for file in (tmp_path / "two").iterdir()}
    assert set(card.sha256) == {name for name in made if name.endswith(".npz")}
    assert card.counts["fr concepts"] == 2
    assert "CC BY 3.0" not in made[NOTICE_FILE].decode()
    assert "Attribution 3.0" in made[NOTICE_FILE].decode()


def test_a_wordnet_whose_licence_is_not_known_is_refused(
    omw_dir: Path, counted: Path, tmp_path: Path
) -> None:
    """Nothing ships that may not, and nothing is written before that is known."""
    path = omw_dir / "wn-data-fra.tab"
    path.write_text(path.read_text("utf-8").replace("CC BY 3.0", "proprietary"), "utf-8")

    with pytest.raises(ConfigError, match="Petit is under 'proprietary'"):
        build_languages(omw_dir, counted, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_missing_is_named(omw_dir: Path, tiny_wordnet: Path, tmp_path: Path) -> None:
    """The wordnets, or the counts of WordNet."""
    with pytest.raises(NotFound, match="no wordnet in"):
        build_languages(tmp_path, tiny_wordnet, tmp_path / "out")
    with pytest.raises(NotFound, match=r"no cntlist\.rev in"):
        build_languages(omw_dir, tiny_wordnet, tmp_path / "out")


def test_the_shipped_names_have_the_notice_of_every_wordnet(names: Names) -> None:
    """Ten licences travel with ten files, and CeCILL-C as a whole."""
    notice = (names.folder / NOTICE_FILE).read_text("utf-8")

    assert sorted(names.languages) == sorted(CODES.values())
    assert all(f"names.{language}.npz:" in notice for language in names.languages)
    assert "CONTRAT DE LICENCE" in (names.folder / CECILL_FILE).read_text("utf-8")
    assert sum(path.stat().st_size for path in names.folder.iterdir()) < 3_000_000


@pytest.mark.data
def test_the_shipped_danish_names_are_those_of_the_wordnet(data_dir: Path, names: Names) -> None:
    """Every name of the source is found, apart from names of single things."""
    source = read_open_wordnet(data_dir / "wordnet" / "omw" / "wn-data-dan.tab.gz")
    lost = [words for _, words in source.lemmas if not names.lookup(words, "da")]

    assert len(lost) < 0.03 * len(source.lemmas)
