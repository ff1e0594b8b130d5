"""Corpora and a workbench at toy size, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.corpora.corpus import Corpus
from loadtest.corpora.synthetic import synthetic_corpus
from loadtest.workbench import Scale, Workbench

_CAPTIONS = """
{"captions": ["A cat sits on two mats.", "The dog runs; a cat looks at the dogs"]}
{"captions": ["Two people on a beach at sunset", "a beach ball", "People's cats"]}
"""


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Corpus A of 3,000 documents."""
    return synthetic_corpus(3_000)


@pytest.fixture(scope="session")
def captions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Development data with five captions in each file."""
    data = tmp_path_factory.mktemp("data")
    (data / "captions").mkdir()
    for name in ("coco_val2017", "flickr8k", "msrvtt"):
        (data / "captions" / f"{name}.jsonl").write_text(_CAPTIONS.strip() + "\n", "utf-8")
    return data


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Return a workbench that measures next to nothing, without captions."""
    scale = Scale(documents=3_000, lists=2_000, photos=100, queries=2, repeats=1)
    with Workbench(scale=scale, folder=tmp_path_factory.mktemp("bench")) as bench:
        yield bench
