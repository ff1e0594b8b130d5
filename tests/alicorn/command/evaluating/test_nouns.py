"""Words for labels from small files of the kinds that the development data has."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from alicorn.command.evaluating.nouns import read_nouns, read_wordnet_of_language
from alicorn.errors import CorruptData

FRENCH = """# WOLF\tfra\thttp://wolf\tCeCILL-C
02958343-n\tfra:lemma\tvoiture
02958343-n\tfra:lemma\tauto(PT)
02958343-n\tfra:def\tun engin
00001740-v\tfra:lemma\trespirer
02958343-n\tlemma\tchar à banc
"""


def packed(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def test_a_wordnet_is_read_as_it_stands(tmp_path: Path) -> None:
    """Nouns' lemmas in their order; definitions, verbs and remarks in brackets are no names."""
    found = read_wordnet_of_language(packed(tmp_path / "wn-data-fra.tab.gz", FRENCH))

    assert found == {"02958343": ("voiture", "auto", "char à banc")}


@pytest.mark.parametrize(
    "content", [b"not packed", gzip.compress(b"02958343-n\tvoiture\n", mtime=0)]
)
def test_a_file_of_another_kind_is_told(tmp_path: Path, content: bytes) -> None:
    """By its name."""
    path = tmp_path / "wn-data-fra.tab.gz"
    path.write_bytes(content)

    with pytest.raises(CorruptData, match=r"wn-data-fra\.tab\.gz"):
        read_wordnet_of_language(path)


def test_words_of_labels_come_from_the_taxonomy_and_the_data(tmp_path: Path) -> None:
    """The shipped taxonomy's concepts by synset; WordNet and French where the data has them."""
    packed(tmp_path / "wordnet" / "omw" / "wn-data-fra.tab.gz", FRENCH)
    packed(
        tmp_path / "wordnet" / "data.noun.gz",
        "02420828 05 n 01 gerenuk 0 001 @ 02419796 n 0000 | an antelope\n",
    )
    nouns = read_nouns(["car_side", "gerenuk"], tmp_path)
    bare = read_nouns(["car_side", "gerenuk"], None)

    assert nouns.spoken == {"car_side": "car", "gerenuk": "gerenuk"}
    assert nouns.covered == {"car_side"}
    assert nouns.synset_of == {"car_side": "02958343", "gerenuk": "02420828"}
    assert "automobile" in nouns.concepts["02958343"].lemmas
    assert set(nouns.concepts["02958343"].parents) <= nouns.concepts.keys()
    assert nouns.lemmas == {"02420828": ("gerenuk",)}
    assert nouns.broader == {"02420828": ("02419796",)}
    assert nouns.foreign["fr"]["02958343"][0] == "voiture"
    assert (bare.lemmas, bare.broader, bare.foreign) == ({}, {}, {})
