"""What the shipped files take words for, for all tests of queries."""

from __future__ import annotations

import pytest

from understanding.concepts.lexicon import Lexicon
from understanding.queries import Terms


@pytest.fixture(scope="session")
def named() -> Terms:
    """English names only."""
    return Terms(Lexicon.load())


@pytest.fixture(scope="session")
def whole() -> Terms:
    """All that ships: names in every language, and meanings."""
    return Terms.load()
