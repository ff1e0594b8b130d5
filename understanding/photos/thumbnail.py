"""Thumbnails: a small JPEG that tells nothing but the picture.

Made from decoded pixels, so neither EXIF (place, owner, serial number) nor a colour profile nor
any other metadata of the file can come along; colours are sRGB already.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["THUMBNAIL_SIDE", "thumbnail"]

THUMBNAIL_SIDE: Final = 512
"""Pixels of the longer side."""

# 82 with subsampled colour: some 40 kB at 512 pixels, no visible blocks on ordinary screens.
_QUALITY: Final = 82


def thumbnail(rgb: npt.NDArray[np.uint8], side: int = THUMBNAIL_SIDE) -> bytes:
    """Return ``rgb`` as a JPEG whose longer side is at most ``side`` pixels; never enlarged.

    Parameters
    ----------
    rgb : uint8, shape (h, w, 3)
        sRGB, upright.
    """
    image = Image.fromarray(rgb)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
