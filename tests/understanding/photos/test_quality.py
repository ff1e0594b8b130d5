"""Picture quality: a sharp, well exposed, large picture scores above its spoilt copies."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from understanding.photos.quality import picture_quality


def test_blur_darkness_and_smallness_cost_quality() -> None:
    """Of several near-copies the best one should stand for all."""
    rng = np.random.default_rng(5)
    noise = Image.fromarray(rng.integers(40, 216, (60, 80, 3), dtype=np.uint8))
    sharp = noise.resize((640, 480), Image.Resampling.NEAREST)
    good = picture_quality(np.asarray(sharp), 4000, 3000)
    spoilt = {
        "blurred": np.asarray(sharp.filter(ImageFilter.GaussianBlur(6))),
        "dark": (np.asarray(sharp) // 20).astype(np.uint8),
        "burnt": np.full((480, 640, 3), 255, dtype=np.uint8),
    }

    assert good > 0.8
    for name, rgb in spoilt.items():
        assert picture_quality(rgb, 4000, 3000) < good - 0.2, name
    assert picture_quality(np.asarray(sharp), 320, 240) < good


@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (2, 3), (640, 640)])
def test_quality_is_a_share_whatever_the_shape(shape: tuple[int, int]) -> None:
    """A column of the index holds it in [0, 1]."""
    for value in (0, 128, 255):
        rgb = np.full((*shape, 3), value, dtype=np.uint8)
        assert 0.0 <= picture_quality(rgb, shape[1], shape[0]) <= 1.0
