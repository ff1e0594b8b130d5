"""Cameras of the world; none of them can be bought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CAMERAS", "Camera"]


@dataclass(frozen=True, slots=True)
class Camera:
    """A model."""

    name: str
    """Maker and model."""
    width: int
    """Pixels of a picture held level."""
    height: int
    files: str
    """What its files are called: a format of one number."""


CAMERAS: Final = (
    Camera("Halvik Pocket 3", 4032, 3024, "IMG_{:04d}.jpg"),
    Camera("Halvik Pocket 5", 4032, 3024, "IMG_{:04d}.jpg"),
    Camera("Halvik Pocket 5 Max", 5712, 4284, "IMG_{:04d}.heic"),
    Camera("Orilla One", 4000, 3000, "PXL_{:04d}.jpg"),
    Camera("Orilla Two", 4080, 3072, "PXL_{:04d}.jpg"),
    Camera("Orilla Fold", 4080, 2296, "PXL_{:04d}.jpg"),
    Camera("Sundal G40", 4160, 3120, "SUN_{:04d}.jpg"),
    Camera("Sundal G55", 4608, 3456, "SUN_{:04d}.jpg"),
    Camera("Tamaro R2", 6000, 4000, "DSC{:05d}.jpg"),
    Camera("Tamaro R7", 8256, 5504, "DSC{:05d}.jpg"),
    Camera("Brennick X20", 4896, 3264, "BRX{:04d}.jpg"),
    Camera("Brennick X100", 6240, 4160, "BRX{:04d}.jpg"),
    Camera("Lumeta Action 6", 5184, 3888, "LMT{:04d}.jpg"),
    Camera("Pellar Instant", 2560, 1920, "PEL{:04d}.jpg"),
)
"""Phones first."""
