"""Examples in docstrings are run: a stale one is a defect like any other."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("module", ["hitdata", "model", "partition", "terms", "text"])
def test_the_examples_hold(module: str) -> None:
    """Each of these modules has at least one."""
    found = doctest.testmod(importlib.import_module(f"alicorn.documents.{module}"))

    assert found.attempted > 0
    assert found.failed == 0
