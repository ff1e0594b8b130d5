"""How to run an ONNX classifier of images: how the picture enters, and which outputs are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from alicorn.errors import ConfigError

__all__ = ["LITE0", "ClassifierConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierConfig:
    """How to run one ONNX classifier of images."""

    path: Path | None = None
    """The model; None is EfficientNet-Lite0, whose files are prepared at first use."""
    image_input: str = "image"
    """Name of the input that takes the picture. It may be uint8, float32 or float16."""
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    """Whether channels come last or first."""
    channels: Literal["RGB", "BGR"] = "RGB"
    """Order of the channels; mean and scale are in this order."""
    side: int = 224
    """Width and height of the picture, in pixels."""
    crop: float = 0.875
    """Share of the shorter side that is seen, in (0, 1]."""
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Subtracted from each channel, in units of 0..255."""
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Multiplied with each channel after that."""
    probability_output: str = "probability"
    """Name of the output with a number for each category."""
    logits: bool = False
    """Whether that output is before the softmax."""
    embedding_output: str | None = "embedding"
    """Name of the output, or of a tensor inside the graph, with the vector; None takes the numbers
    of `probability_output` as they come."""
    background_column: int | None = None
    """A column of the probabilities that is no category and is dropped."""

    def __post_init__(self) -> None:
        if self.layout not in ("NHWC", "NCHW"):
            raise ConfigError(f"layout is {self.layout!r}, needed 'NHWC' or 'NCHW'")
        if self.channels not in ("RGB", "BGR"):
            raise ConfigError(f"channels are {self.channels!r}, needed 'RGB' or 'BGR'")
        if self.side < 1:
            raise ConfigError(f"side is {self.side}, needed at least 1 pixel")
        if not 0 < self.crop <= 1:
            raise ConfigError(f"crop is {self.crop}, needed a share in (0, 1]")
        if len(self.mean) != 3 or len(self.scale) != 3:
            raise ConfigError(f"mean {self.mean} and scale {self.scale}, needed 3 channels each")
        if self.background_column is not None and self.background_column < 0:
            raise ConfigError(f"background_column is {self.background_column}, needed 0 or more")

    @property
    def raw(self) -> bool:
        """Whether the model takes 0..255 as they are."""
        return self.mean == (0.0, 0.0, 0.0) and self.scale == (1.0, 1.0, 1.0)


LITE0: Final = ClassifierConfig()
"""EfficientNet-Lite0; its graph normalises the picture itself."""
