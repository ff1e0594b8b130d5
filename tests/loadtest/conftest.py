"""Corpora and a workbench at toy size, made once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.corpora.corpus import Corpus
from loadtest.corpora.synthetic import synthetic_corpus
from loadtest.workbench import Scale, Workbench

_CAPTIONS = (
    ("A cat sits on two mats.", "The dog runs; a cat looks at the dogs"),
    ("Two people on a beach at sunset", "a beach ball", "People's cats"),
    # Enough words for an `or` of ten rare ones.
    *((" ".join(f"word{(7 * n + m * m) % 150}" for m in range(9)),) for n in range(40)),
)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Corpus A of 3,000 documents."""
    return synthetic_corpus(3_000)


@pytest.fixture(scope="session")
def captions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Development data with forty-five captions in each file."""
    data = tmp_path_factory.mktemp("data")
    (data / "captions").mkdir()
    lines = "".join(json.dumps({"captions": captions}) + "\n" for captions in _CAPTIONS)
    for name in ("coco_val2017", "flickr8k", "msrvtt"):
        (data / "captions" / f"{name}.jsonl").write_text(lines, "utf-8")
    return data


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Return a workbench that measures next to nothing, without captions."""
    scale = Scale(documents=3_000, lists=2_000, photos=100, queries=2, repeats=1)
    with Workbench(scale=scale, folder=tmp_path_factory.mktemp("bench")) as bench:
        yield bench
