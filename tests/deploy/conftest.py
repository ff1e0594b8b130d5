"""Tests have no packages, so what several of them read the Dockerfile with is loaded here."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_NAME = "deploy_tests_dockerfile"

if _NAME not in sys.modules:
    _spec = importlib.util.spec_from_file_location(_NAME, Path(__file__).with_name("dockerfile.py"))
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules[_NAME] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_NAME])
