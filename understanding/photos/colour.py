"""Colour: any picture mode to 8-bit sRGB.

Transparent pixels lie on white, as a viewer shows them; CMYK, palettes, 16-bit and floating-point
samples become 8 bits a channel; an embedded colour profile is applied and then dropped, so that
the classifier, the fingerprint and the thumbnail see the colours that people see.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image, ImageCms

__all__ = ["resizable", "to_srgb"]

# Modes in which neighbouring samples may be averaged.
_SMOOTH: Final = frozenset({"L", "RGB", "RGBA", "LA", "CMYK", "YCbCr"})

_SIXTEEN_BITS: Final = 65_535.0


def resizable(image: Image.Image) -> Image.Image:
    """Return ``image`` in a mode that can be scaled: palettes, bits and deep samples resolved."""
    if image.mode in _SMOOTH:
        # A PNG may declare one colour of an RGB or gray picture transparent.
        if "transparency" in image.info and image.mode in {"L", "RGB"}:
            return image.convert("RGBA")
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image)
    if image.mode == "P" and "transparency" not in image.info:
        return image.convert("RGB")
    if image.mode in {"P", "PA", "RGBa", "La"}:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return ``image`` (a mode that `resizable` gives) as RGB in sRGB, over white.

    Parameters
    ----------
    image : Image
        Small already: colour management costs by the pixel.
    profile : bytes or None
        ICC profile of the file. One that is broken or does not fit the mode is passed over.
    """
    if image.mode in {"RGBA", "LA"}:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image).convert("RGB")
    managed = _managed(image, profile) if profile else None
    return managed if managed is not None else image.convert("RGB")


def _managed(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return the picture through its colour profile, None where that is of no use."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    # Little CMS reports damage and misfits as its own error, Pillow adds these two.
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and floating-point gray as 8 bits.

    Integers count as 16 bits deep, the only depth that cameras and scanners write; floats as
    0..1 unless one is larger, then as scaled to their largest.
    """
    samples = np.asarray(image).astype(np.float32)
    samples[~np.isfinite(samples)] = 0.0
    most = float(samples.max(initial=0.0))
    full = _SIXTEEN_BITS if image.mode != "F" else max(1.0, most)
    eight = np.clip(samples * (255.0 / full) + 0.5, 0, 255).astype(np.uint8)
    return Image.fromarray(eight)
