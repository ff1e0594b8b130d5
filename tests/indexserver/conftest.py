"""The slow oracle, random worlds and random questions, for every test of the index server.

Tests have no packages, so the modules are loaded here and handed out as fixtures.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load(name: str) -> ModuleType:
    full = f"indexserver_tests_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[full] = module
        spec.loader.exec_module(module)
    return sys.modules[full]


# Each may use those before it.
for _name in ("shelf", "oracle", "feature_oracle", "questions", "worlds", "scale"):
    _load(_name)


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """Give sets and dictionaries: what every operator must find."""
    return _load("oracle")


@pytest.fixture(scope="session")
def feature_oracle() -> ModuleType:
    """Give the features that each hit must have."""
    return _load("feature_oracle")


@pytest.fixture(scope="session")
def questions() -> ModuleType:
    """Give random expressions."""
    return _load("questions")


@pytest.fixture(scope="session")
def worlds() -> ModuleType:
    """Give small random worlds, their views, and log entries."""
    return _load("worlds")


@pytest.fixture(scope="session")
def scale() -> ModuleType:
    """Give worlds of many windows, made from arrays."""
    return _load("scale")
