"""Which thing of WordNet each label of Caltech-101 stands for; the table is `caltech101.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

__all__ = ["synsets_of_labels"]


@cache
def synsets_of_labels() -> Mapping[str, str]:
    """Return label -> offset in WordNet 3.0, eight digits; labels that it lacks are missing."""
    table = resources.files("ranker.evaluation").joinpath("caltech101.toml")
    return MappingProxyType(tomllib.loads(table.read_text("utf-8")))
