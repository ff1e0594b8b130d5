"""What every test may use: the development data, a quiet Hypothesis, a private cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from alicorn.command.kernels import forget_stale_kernels

# Before a test module loads a kernel: the oracle must meet what the sources say now.
forget_stale_kernels()

# Kernels compile on first call, so the first example would fail on time. A test that asks for more
# cases takes a multiple of the profile's: the executor's five times as many, 20,000 in `long`.
settings.register_profile(
    "ci", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "long", deadline=None, max_examples=4_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Return the development data's folder; skip plainly where it is absent."""
    root = Path(__file__).resolve().parents[1]
    found = Path(os.environ.get("ALICORN_DATA", root.parent / "shared" / "data"))
    if not (found / "photos" / "index.jsonl").is_file():
        pytest.skip(f"development data not at {found}; set ALICORN_DATA to test with it")
    return found
