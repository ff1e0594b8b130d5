"""The image classifier: pixels to probabilities of categories and a vector.

By default EfficientNet-Lite0 on ONNX Runtime, from files that `weights.py` prepares. Any other
ONNX classifier runs in its place by a `ClassifierConfig`. What its categories mean is not known
here (`understanding.concepts.classes`).

A picture is scaled, cropped to its central square and then seen once: with `crop` 0.875, the
inner 87.5 % of the shorter side become `side` pixels, by Pillow's antialiased bicubic filter.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from alicorn.errors import ConfigError, ShapeError
from understanding.photos.classifier_config import LITE0, ClassifierConfig
from understanding.photos.session import open_session
from understanding.photos.weights import prepare_lite0

__all__ = ["LITE0", "Classifier", "ClassifierConfig", "preprocess"]

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_INPUTS: Final = {
    "tensor(uint8)": np.uint8,
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
}


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

    A model that was exported for batches of one size gets pictures in such pieces. Outputs with
    more than two axes, as (n, 1000, 1, 1), are laid flat.

    Attributes
    ----------
    config : ClassifierConfig
    classes : int
        Categories that `run` gives probabilities for.
    dimensions : int
        Numbers in a vector.
    """

    def __init__(self, session: Any, config: ClassifierConfig) -> None:
        self._session = session
        self.config = config
        vector = config.embedding_output or config.probability_output
        self._outputs = [config.probability_output, vector]
        inputs = {entry.name: entry for entry in session.get_inputs()}
        outputs = {entry.name: entry for entry in session.get_outputs()}
        for name, known in (
            (config.image_input, inputs),
            (config.probability_output, outputs),
            (vector, outputs),
        ):
            if name not in known:
                raise ConfigError(f"model has no {name!r}, needed one of {sorted(known)}")
        entry = inputs[config.image_input]
        if entry.type not in _INPUTS:
            raise ConfigError(f"input {entry.name!r} is {entry.type}, needed uint8 or float")
        self._dtype = _INPUTS[entry.type]
        if self._dtype == np.uint8 and not config.raw:
            raise ConfigError(f"input {entry.name!r} is uint8, needed mean 0 and scale 1")
        if others := sorted(inputs.keys() - {entry.name}):
            raise ConfigError(f"model needs {others}, too; needed one that takes a picture alone")
        self._batch = _batch_size(entry.name, list(entry.shape), config)
        # Asked of the model itself: not every one says how many numbers come out.
        try:
            scores, vectors = self._ask(np.zeros((1, config.side, config.side, 3), np.uint8))
        # The runtime's exceptions have no public common ancestor.
        except Exception as error:
            raise ConfigError(f"model does not run on a picture: {error}") from error
        self._columns = _columns(config, scores.shape[1])
        self.classes = len(self._columns)
        self.dimensions: int = vectors.shape[1]

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
        outputs = [config.probability_output]
        if config.embedding_output is not None:
            outputs.append(config.embedding_output)
        return cls(open_session(path, threads=threads, outputs=outputs), config)

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
            In the order of the model's columns. Each row sums to 1, less what the background had,
            unless the model itself gives other numbers.
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
        size = self._batch or len(batch)
        pieces = [self._ask(batch[at : at + size]) for at in range(0, len(batch), size)]
        scores = np.concatenate([piece[0] for piece in pieces])
        probabilities = _softmax(scores) if self.config.logits else scores
        vectors = np.concatenate([piece[1] for piece in pieces])
        return np.ascontiguousarray(probabilities[:, self._columns]), vectors

    def _ask(self, pictures: Pixels) -> tuple[Floats, Floats]:
        """Return what the model says of at most one batch, a row a picture."""
        count = len(pictures)
        if self._batch is not None and count < self._batch:
            black = np.zeros((self._batch - count, *pictures.shape[1:]), np.uint8)
            pictures = np.concatenate([pictures, black])
        answers = self._session.run(self._outputs, {self.config.image_input: self._enter(pictures)})
        scores, vectors = (
            np.asarray(answer, np.float32).reshape(len(pictures), -1)[:count] for answer in answers
        )
        return scores, vectors

    def _enter(self, batch: Pixels) -> npt.NDArray[Any]:
        """Return ``batch`` as the model takes it."""
        entering: npt.NDArray[Any] = batch if self.config.channels == "RGB" else batch[..., ::-1]
        if self._dtype != np.uint8:
            entering = entering.astype(np.float32)
            if not self.config.raw:
                entering -= np.array(self.config.mean, np.float32)
                entering *= np.array(self.config.scale, np.float32)
        if self.config.layout == "NCHW":
            entering = entering.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(entering, dtype=self._dtype)


def _batch_size(name: str, shape: list[Any], config: ClassifierConfig) -> int | None:
    """Return how many pictures the model takes at a time; None where any number will do.

    Raises
    ------
    ConfigError
        If the picture would not fit into the input.
    """
    side = config.side
    needed = [side, side, 3] if config.layout == "NHWC" else [3, side, side]
    # An axis without a number, or with a name, takes any.
    fits = len(shape) == 4 and all(
        found == wanted
        for found, wanted in zip(shape[1:], needed, strict=True)
        if isinstance(found, int)
    )
    if not fits:
        raise ConfigError(
            f"input {name!r} takes {shape}, found layout {config.layout} with side {side}, which "
            f"is [n, {', '.join(map(str, needed))}]: layout and side must be the model's"
        )
    return shape[0] if isinstance(shape[0], int) else None


def _columns(config: ClassifierConfig, columns: int) -> npt.NDArray[np.intp]:
    """Return the columns that are categories."""
    if config.background_column is not None and config.background_column >= columns:
        raise ConfigError(f"background_column is {config.background_column}, needed < {columns}")
    return np.array([c for c in range(columns) if c != config.background_column], np.intp)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = raised / raised.sum(axis=1, keepdims=True)
    return probabilities
