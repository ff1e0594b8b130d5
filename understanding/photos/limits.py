"""What a picture may cost before it is refused: bytes, pixels, sides.

Every bound is checked from the file's size or from the picture's header, before a pixel is
decoded, so that a file of a few bytes cannot claim the memory of the machine. What a header can
hide (a decoder that runs away) is left to the memory and time limits of `process`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from alicorn.errors import ConfigError

__all__ = ["MOST_PIXELS", "Limits"]

MOST_PIXELS: Final = 178_956_970
"""Pillow opens nothing larger: twice its `Image.MAX_IMAGE_PIXELS`, a quarter GiB in RGB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest picture that is understood."""

    max_file_bytes: int = 200 * 1024 * 1024
    """Bytes of the file."""
    max_pixels: int = 80_000_000
    """Width times height by the header; at most `MOST_PIXELS`."""
    max_side: int = 32_768
    """Pixels of the longer side by the header."""
    max_metadata_bytes: int = 16 * 1024 * 1024
    """Bytes of the EXIF block and of the colour profile together."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            found = getattr(self, name)
            if found < 1:
                raise ConfigError(f"{name} must be positive, got {found}")
        if self.max_pixels > MOST_PIXELS:
            raise ConfigError(f"max_pixels must be at most {MOST_PIXELS}, got {self.max_pixels}")
