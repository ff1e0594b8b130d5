"""The image classifier: pixels to probabilities of 1,000 categories and a vector.

By default EfficientNet-Lite0 on ONNX Runtime, from files that `weights.py` prepares. Any other
ONNX classifier runs in its place by a `ClassifierConfig`, which says how the picture enters
(layout, mean, scale), which outputs are read, and which column stands for which category: the
rest of Alicorn always sees the 1,000 ImageNet categories in the order of their WordNet ids, as
PyTorch and Keras number them.

A picture is scaled, cropped to its central square and then seen once: with `crop` 0.875, the
inner 87.5 % of the shorter side become `side` pixels, by Pillow's antialiased bicubic filter.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from alicorn.errors import ConfigError, CorruptData, MissingModel, ShapeError
from understanding.photos.weights import prepare_lite0

__all__ = ["LITE0", "Classifier", "ClassifierConfig", "preprocess"]

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierConfig:
    """How to run one ONNX classifier of images."""

    path: Path | None = None
    """The model; None is EfficientNet-Lite0, whose files are prepared at first use."""
    labels: Path | None = None
    """A text file with one label a line, one line a column of the model's probabilities."""
    image_input: str = "image"
    """Name of the input that takes the picture, RGB. It may be uint8 or float32."""
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    """Whether channels come last or first."""
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
    embedding_output: str = "embedding"
    """Name of the output with the vector."""
    background_column: int | None = None
    """A column of the probabilities that is no category and is dropped."""
    class_columns: tuple[int, ...] | None = None
    """For each category, its column after the background is dropped; None is the same order."""

    def __post_init__(self) -> None:
        if self.layout not in ("NHWC", "NCHW"):
            raise ConfigError(f"layout is {self.layout!r}, needed 'NHWC' or 'NCHW'")
        if self.side < 1:
            raise ConfigError(f"side is {self.side}, needed at least 1 pixel")
        if not 0 < self.crop <= 1:
            raise ConfigError(f"crop is {self.crop}, needed a share in (0, 1]")
        if len(self.mean) != 3 or len(self.scale) != 3:
            raise ConfigError(f"mean {self.mean} and scale {self.scale}, needed 3 channels each")
        if self.background_column is not None and self.background_column < 0:
            raise ConfigError(f"background_column is {self.background_column}, needed 0 or more")
        if self.class_columns is not None and min(self.class_columns, default=0) < 0:
            raise ConfigError("class_columns holds a negative number, needed columns from 0")

    @property
    def raw(self) -> bool:
        """Whether the model takes 0..255 as they are."""
        return self.mean == (0.0, 0.0, 0.0) and self.scale == (1.0, 1.0, 1.0)


LITE0: Final = ClassifierConfig()
"""EfficientNet-Lite0; its graph normalises the picture itself."""


def preprocess(rgb: Pixels, *, side: int = LITE0.side, crop: float = LITE0.crop) -> Pixels:
    """Return the central square of a picture, scaled for the classifier.

    Parameters
    ----------
    rgb : uint8, shape (height, width, 3)
        Upright picture, at least 1 pixel each way.
    side : int
        Pixels of the result each way.
    crop : float
        Share of the shorter side that is seen.

    Returns
    -------
    uint8, shape (side, side, 3)

    Raises
    ------
    ShapeError
        If ``rgb`` is no RGB picture.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise ShapeError(f"picture is {rgb.dtype} {rgb.shape}, needed uint8 (height, width, 3)")
    height, width = rgb.shape[:2]
    seen = crop * min(height, width)
    left, top = (width - seen) / 2, (height - seen) / 2
    square = Image.fromarray(np.ascontiguousarray(rgb)).resize(
        (side, side),
        Image.Resampling.BICUBIC,
        box=(left, top, left + seen, top + seen),
    )
    return np.asarray(square)


class Classifier:
    """One ONNX classifier, ready to run; safe to use from several threads.

    Attributes
    ----------
    config : ClassifierConfig
    labels : tuple of str
        One a category, in the order of the probabilities; empty if the configuration names none.
    """

    def __init__(self, session: Any, config: ClassifierConfig) -> None:
        self._session = session
        self.config = config
        self.labels: tuple[str, ...] = ()
        inputs = {entry.name: entry for entry in session.get_inputs()}
        outputs = {entry.name: entry for entry in session.get_outputs()}
        for name, known in (
            (config.image_input, inputs),
            (config.probability_output, outputs),
            (config.embedding_output, outputs),
        ):
            if name not in known:
                raise ConfigError(f"model has no {name!r}, needed one of {sorted(known)}")
        kind = inputs[config.image_input].type
        if kind not in ("tensor(uint8)", "tensor(float)"):
            raise ConfigError(f"input {config.image_input!r} is {kind}, needed uint8 or float")
        if kind == "tensor(uint8)" and not config.raw:
            raise ConfigError(f"input {config.image_input!r} is uint8, needed mean 0 and scale 1")
        self._takes_bytes = kind == "tensor(uint8)"
        columns = outputs[config.probability_output].shape[1]
        embedding = outputs[config.embedding_output].shape[1]
        if not (isinstance(columns, int) and isinstance(embedding, int)):
            raise ConfigError(f"outputs of {columns} and {embedding} columns, needed fixed numbers")
        self._columns = _columns(config, columns)
        self.dimensions: int = embedding
        """Numbers in a vector."""
        if config.labels is not None:
            self.labels = _labels(config.labels, columns, self._columns)

    @property
    def classes(self) -> int:
        """Categories that `run` gives probabilities for."""
        return len(self._columns)

    @classmethod
    def load(
        cls,
        cache_dir: Path | None = None,
        *,
        threads: int = 1,
        config: ClassifierConfig = LITE0,
    ) -> Self:
        """Load a classifier.

        Parameters
        ----------
        cache_dir : Path, optional
            Where prepared models are kept; see `understanding.photos.weights`.
        threads : int
            Cores that one `run` may use, at least 1. Several worker processes want 1 each.
        config : ClassifierConfig
            Which model, and how.

        Raises
        ------
        MissingModel
            If there is no such file, or the package of the weights is absent or altered.
        CorruptData
            If ONNX Runtime cannot read the model.
        ConfigError
            If the model and the configuration do not fit together.
        """
        if threads < 1:
            raise ConfigError(f"threads is {threads}, needed at least 1")
        path = prepare_lite0(cache_dir) if config.path is None else config.path
        if not path.is_file():
            raise MissingModel(f"no classifier at {path}, needed an ONNX file")
        # The runtime's builds report to their maker, over the network, and keep an id of this
        # machine for it. The variable must be there before the library loads; the call is too late.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        # Imported late: whoever only searches never pays for it.
        import onnxruntime  # noqa: PLC0415

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        # Threads that spin while they wait would take the cores of searches on the same machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        # The runtime's exceptions have no public common ancestor.
        except Exception as error:
            raise CorruptData(f"classifier {path} unreadable: {error}") from error
        return cls(session, config)

    def preprocess(self, rgb: Pixels) -> Pixels:
        """Return what this model wants to see of a picture; see `preprocess` of the module."""
        return preprocess(rgb, side=self.config.side, crop=self.config.crop)

    def run(self, batch: Pixels) -> tuple[Floats, Floats]:
        """Classify pictures.

        Parameters
        ----------
        batch : uint8, shape (n, side, side, 3)
            As `preprocess` returns them; ``n`` may be 0.

        Returns
        -------
        probabilities : float32, shape (n, classes)
            Each row sums to 1, less what the background had.
        vectors : float32, shape (n, dimensions)
            Not normalised.

        Raises
        ------
        ShapeError
            If ``batch`` is of another dtype or shape.
        """
        side = self.config.side
        if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1:] != (side, side, 3):
            raise ShapeError(
                f"pictures are {batch.dtype} {batch.shape}, needed uint8 (n, {side}, {side}, 3)"
            )
        if len(batch) == 0:
            return np.empty((0, self.classes), np.float32), np.empty(
                (0, self.dimensions), np.float32
            )
        scores, vectors = self._session.run(
            [self.config.probability_output, self.config.embedding_output],
            {self.config.image_input: self._enter(batch)},
        )
        probabilities = _softmax(scores) if self.config.logits else scores
        return np.ascontiguousarray(probabilities[:, self._columns]), vectors

    def _enter(self, batch: Pixels) -> npt.NDArray[Any]:
        """Return ``batch`` as the model takes it."""
        entering: npt.NDArray[Any] = batch
        if not self._takes_bytes:
            entering = batch.astype(np.float32)
            if not self.config.raw:
                entering -= np.array(self.config.mean, np.float32)
                entering *= np.array(self.config.scale, np.float32)
        if self.config.layout == "NCHW":
            entering = entering.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(entering)


def _columns(config: ClassifierConfig, columns: int) -> npt.NDArray[np.intp]:
    """Return, for each category, the column of the model that stands for it."""
    kept: Sequence[int] = [c for c in range(columns) if c != config.background_column]
    if config.background_column is not None and len(kept) == columns:
        raise ConfigError(f"background_column is {config.background_column}, needed < {columns}")
    wanted = range(len(kept)) if config.class_columns is None else config.class_columns
    if max(wanted, default=-1) >= len(kept):
        raise ConfigError(f"class_columns up to {max(wanted)}, needed less than {len(kept)}")
    return np.array([kept[column] for column in wanted], np.intp)


def _labels(path: Path, columns: int, kept: npt.NDArray[np.intp]) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"labels {path} unreadable: {error}") from error
    if len(lines) != columns:
        raise ConfigError(f"labels {path} has {len(lines)} lines, needed {columns}")
    return tuple(lines[column] for column in kept)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = raised / raised.sum(axis=1, keepdims=True)
    return probabilities
