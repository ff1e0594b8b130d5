"""Reading the open wordnets' files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from alicorn.errors import CorruptData, NotFound
from understanding.concepts.languages.omw import read_open_wordnet

HEAD = "# Petit\tfra\thttp://example.org/fr\tCC BY 3.0\n"


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "wn-data-fra.tab"
    path.write_text(text, "utf-8")
    return path


def test_lemmas_of_nouns_are_read_and_cut_as_queries_are(omw_dir: Path) -> None:
    """Definitions, verbs and what stands in brackets are no names."""
    found = read_open_wordnet(omw_dir / "wn-data-fra.tab")

    assert (found.language, found.name, found.licence) == ("fr", "Petit", "CC BY 3.0")
    assert found.lemmas == (
        ("01503061", ("oiseau",)),
        ("02012849", ("grue",)),
        ("03126707", ("grue",)),
        ("09000001", ("crane",)),
    )


def test_address_and_licence_may_stand_in_either_order(omw_dir: Path) -> None:
    """DanNet's file has them the other way round."""
    found = read_open_wordnet(omw_dir / "wn-data-dan.tab")

    assert (found.address, found.licence) == ("http://example.org/da", "wordnet")


@pytest.mark.parametrize(
    ("lemma", "words"),
    [
        ("Pomme de terre", [("pomme", "de", "terre")]),
        ("tasse d'eau", [("tasse", "deau")]),
        ("兄弟般+地", [("兄", "弟", "般", "地")]),
        ("ø", [("ø",)]),
        ("V", []),
        ("vitamine b&lt;sub&gt;2", []),
        ("Midnight Club: Los Angeles", []),
        ("un nom qui a bien plus de six mots", []),
        ("bases (química)", [("bases",)]),
        ("...", []),
    ],
)
def test_what_nobody_types_is_left_out(tmp_path: Path, lemma: str, words: list[str]) -> None:
    """Machines filled some wordnets from Wikipedia, with its mark-up."""
    found = read_open_wordnet(_write(tmp_path, f"{HEAD}00001740-n\tfra:lemma\t{lemma}\n"))

    assert [name for _, name in found.lemmas] == words


def test_a_compressed_file_is_the_same(omw_dir: Path, tmp_path: Path) -> None:
    """They are kept compressed."""
    plain = omw_dir / "wn-data-fra.tab"
    packed = tmp_path / "wn-data-fra.tab.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read_open_wordnet(packed) == read_open_wordnet(plain)


def test_a_broken_file_is_named_with_the_line(tmp_path: Path) -> None:
    """The sources come from ten projects."""
    with pytest.raises(CorruptData, match="line 1: found"):
        read_open_wordnet(_write(tmp_path, "00001740-n\tfra:lemma\tentité\n"))
    with pytest.raises(CorruptData, match="line 2: found '00001740-n', needed three fields"):
        read_open_wordnet(_write(tmp_path, f"{HEAD}00001740-n\n"))
    with pytest.raises(NotFound, match="no wordnet"):
        read_open_wordnet(tmp_path / "wn-data-pol.tab")
    half = tmp_path / "wn-data-ita.tab.gz"
    half.write_bytes(gzip.compress(HEAD.encode() * 99)[:40])
    with pytest.raises(CorruptData, match="cannot be read"):
        read_open_wordnet(half)
