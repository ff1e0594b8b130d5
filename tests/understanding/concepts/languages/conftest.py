"""The shipped names, and two lists of common nouns in ten languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from understanding.concepts.languages import Names

Nouns = list[tuple[frozenset[str], Mapping[str, str]]]


@pytest.fixture(scope="session")
def names() -> Names:
    return Names.load()


@pytest.fixture(scope="session")
def nouns() -> Callable[[str], Nouns]:
    """Return a list's rows: the synsets that count as right, and language -> the word."""

    def read(file: str) -> Nouns:
        text = (Path(__file__).parent / file).read_text("utf-8")
        head, *rows = [line.split("\t") for line in text.splitlines()]
        return [
            (frozenset(row[1].split()), dict(zip(head[2:], row[2:], strict=True))) for row in rows
        ]

    return read


@pytest.fixture
def omw_dir(tmp_path: Path) -> Path:
    """Write two small wordnets whose names are synsets of the tiny WordNet; return the folder."""
    folder = tmp_path / "omw"
    folder.mkdir()
    (folder / "wn-data-fra.tab").write_text(
        "# Petit\tfra\thttp://example.org/fr\tCC BY 3.0\n"
        "02012849-n\tfra:lemma\tGrue\n"
        "03126707-n\tfra:lemma\tgrue\n"
        "03126707-n\tfra:def\t0\tengin de levage\n"
        "01503061-n\tfra:lemma\toiseau (animal)\n"
        "09000001-n\tfra:lemma\tCrane\n"
        "03000003-v\tfra:lemma\tgruter\n",
        "utf-8",
    )
    (folder / "wn-data-dan.tab").write_text(
        "# Lille\tdan\twordnet\thttp://example.org/da\n"
        "02012849-n\tlemma\ttrane\n"
        "03126707-n\tlemma\tkran\n"
        "01503061-n\tlemma\tfugl\n",
        "utf-8",
    )
    return folder
