"""The shipped lexicon, for all tests of queries."""

from __future__ import annotations

import pytest

from understanding.concepts.lexicon import Lexicon


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return Lexicon.load()
