"""The shipped taxonomy, WordNet where it is installed, and a WordNet of a dozen synsets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from understanding.concepts.lexicon import Lexicon
from understanding.concepts.taxonomy import Taxonomy


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return Taxonomy.load()


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return Lexicon.load()


@pytest.fixture(scope="session")
def wordnet_dir() -> Path:
    """WordNet 3.0 as Debian's wordnet-base installs it, or a plain skip."""
    found = Path(os.environ.get("ALICORN_WORDNET", "/usr/share/wordnet"))
    if not (found / "index.noun").is_file():
        pytest.skip(f"no WordNet at {found}; install wordnet-base, or set ALICORN_WORDNET")
    return found


Synsets = Mapping[str, tuple[Sequence[str], Sequence[str]]]

# Offset -> (lemmas, pointers). The offsets of roots are WordNet's own.
TINY: Synsets = {
    "00001740": (["entity"], []),
    "00002684": (["object"], ["@ 00001740"]),
    "00021939": (["artifact"], ["@ 00002684"]),
    "00015388": (["animal", "beast"], ["@ 00002684"]),
    "00007846": (["person"], ["@ 00002684"]),
    "01503061": (["bird"], ["@ 00015388"]),
    "02000001": (["wading_bird"], ["@ 01503061"]),
    "02012849": (["crane"], ["@ 02000001"]),
    "03126707": (["crane"], ["@ 03000001"]),
    "03000001": (["lifting_device"], ["@ 00021939"]),
    "03000002": (["Kiwi", "kiwi_bird"], ["@ 01503061"]),
    "09000001": (["Crane", "Stephen_Crane"], ["@i 00007846"]),
    "03000003": (["paper_crane"], ["@ 00021939"]),
    "03000004": (["rodent_thing", "goose"], ["@ 01503061"]),
}
SENSES = {"crane": ["09000001", "03126707", "02012849"]}


@pytest.fixture
def tiny_wordnet(tmp_path: Path) -> Path:
    """Write the synsets of `TINY` as WordNet does; return the folder."""
    folder = tmp_path / "wordnet"
    folder.mkdir()
    licence = "  1 This is where the licence stands.\n"
    data = licence
    for offset, (lemmas, pointers) in TINY.items():
        words = " ".join(f"{lemma} 0" for lemma in lemmas)
        links = "".join(f" {pointer} n 0000" for pointer in pointers)
        gloss = f'what {lemmas[0]} means; "an example"'
        data += f"{offset} 03 n {len(lemmas):02x} {words} {len(pointers):03d}{links} | {gloss}  \n"
    (folder / "data.noun").write_text(data, "latin-1")
    senses: dict[str, list[str]] = dict(SENSES)
    for offset, (lemmas, _) in TINY.items():
        for lemma in lemmas:
            if lemma.lower() not in SENSES:
                senses.setdefault(lemma.lower(), []).append(offset)
    index = licence
    for lemma, offsets in sorted(senses.items()):
        count = len(offsets)
        index += f"{lemma} n {count} 1 @ {count} 0 {' '.join(offsets)}  \n"
    (folder / "index.noun").write_text(index, "latin-1")
    (folder / "noun.exc").write_text("geese goose\nmice mouse\n", "latin-1")
    return folder


@pytest.fixture
def class_list(tmp_path: Path) -> Callable[[Sequence[str]], Path]:
    """Write a class list and return where it is."""

    def write(offsets: Sequence[str]) -> Path:
        path = tmp_path / "classes.txt"
        path.write_text("".join(f"n{offset}\n" for offset in offsets))
        return path

    return write
