"""`model.toml`: somebody's own classifier, described; `docs/your-own-model.md` has the manual.

    name = "MobileNetV2"                [classes]
    licence = "Apache-2.0"              file = "classes.txt"
    file = "mobilenet_v2.onnx"          background = 0
    sha256 = "..."                      unknown = "refuse"

    [input]                             [output]
    name = "image"                      probabilities = "prob"
    layout = "NHWC"                     vector = "embedding"
    channels = "RGB"
    side = 224                          [codes]
    crop = 0.875                        file = "itq.npz"
    range = [0, 255]
    mean = [0, 0, 0]
    std = [1, 1, 1]

Paths are relative to the file, and a setting that is not known is refused. A picture's bytes v
enter as (low + v * (high - low) / 255 - mean) / std, with `range` = [low, high].

What a photo is tagged with, and its visual code, depend on all of this; `ModelFile.identity` tells
one such whole from any other, so that a library is understood by one model only.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

import msgspec
import numpy as np

from alicorn.errors import ConfigError, MissingModel
from understanding.concepts.classes import concepts_of
from understanding.concepts.taxonomy import Taxonomy
from understanding.photos.classifier import Classifier
from understanding.photos.classifier_config import ClassifierConfig
from understanding.photos.codes import BITS, Coder, Itq, Lsh

__all__ = ["ModelFile"]

Three = tuple[float, float, float]

# The names under which exporters keep the numbers of a large model beside its graph.
_EXTERNAL: Final = (".data", "_data")

_LSH_SEED: Final = 0
_SHOWN: Final = 5


class _Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[input]`."""

    name: str
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    channels: Literal["RGB", "BGR"] = "RGB"
    side: int = 224
    crop: float = 0.875
    range: tuple[float, float] = (0.0, 255.0)
    mean: Three = (0.0, 0.0, 0.0)
    std: Three = (1.0, 1.0, 1.0)


class _Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[output]`."""

    probabilities: str | None = None
    logits: str | None = None
    vector: str | None = None


class _Classes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[classes]`."""

    file: str
    background: int | None = None
    unknown: Literal["refuse", "drop"] = "refuse"


class _Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[codes]`."""

    file: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as it is written."""

    name: str
    licence: str
    file: str
    input: _Input
    output: _Output
    classes: _Classes
    sha256: str | None = None
    codes: _Codes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A classifier, its classes and its coder, as a `model.toml` says."""

    path: Path
    """Of the `model.toml`, absolute."""
    name: str
    """For people, and for cards."""
    licence: str
    """Of the weights."""
    config: ClassifierConfig
    """How to run it."""
    classes: tuple[str | None, ...]
    """For each column but the background the concept that it stands for; None is dropped."""
    codes: Path | None
    """Its own trained coder; None takes random planes (`codes.Lsh`)."""
    sha256: str
    """Of the model's file, with the numbers beside it."""

    @classmethod
    def load(cls, path: Path, taxonomy: Taxonomy | None = None) -> Self:
        """Read a `model.toml` and what it names; the model itself is not run.

        Raises
        ------
        ConfigError
            If the file cannot be read, says too little or too much, or its classes are unknown.
        MissingModel
            If the model's file is absent, or is not the one of `sha256`.
        """
        try:
            written = msgspec.toml.decode(path.read_bytes(), type=_File)
        except OSError as error:
            raise ConfigError(f"cannot read the model file {path}: {error.strerror}") from None
        except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: {error}; see docs/your-own-model.md") from None
        folder = path.absolute().parent
        model = folder / written.file
        try:
            config = _config(written, model)
            classes = _classes(written.classes, folder, taxonomy or Taxonomy.load())
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None
        found = _one_file(model)
        if written.sha256 is not None and written.sha256.lower() != found:
            raise MissingModel(
                f"{model} has sha256 {found}, needed {written.sha256} by {path}; get that file, "
                "or change the setting if this one is meant"
            )
        return cls(
            path=path.absolute(),
            name=written.name,
            licence=written.licence,
            config=config,
            classes=classes,
            codes=None if written.codes is None else folder / written.codes.file,
            sha256=_with_beside(model, found),
        )

    @property
    def known(self) -> int:
        """Classes that stand for a concept."""
        return sum(name is not None for name in self.classes)

    @property
    def dropped(self) -> int:
        """Classes that stand for none."""
        return len(self.classes) - self.known

    def check(self, classifier: Classifier) -> None:
        """Try the model on pictures: its numbers must be probabilities, one for each class.

        Raises
        ------
        ConfigError
            If they are not.
        """
        needed = classifier.classes + (self.config.background_column is not None)
        if classifier.classes != len(self.classes):
            raise ConfigError(
                f"{self.path}: the class list is for {len(self.classes)} categories, the model has "
                f"{classifier.classes}; needed {needed} lines, one a column, the background's too"
            )
        side = self.config.side
        # Black, white and noise: softmax's results stay in 0..1 for each, logits do not.
        noise = np.random.default_rng(0).integers(0, 256, (1, side, side, 3), dtype=np.uint8)
        batch = np.concatenate([np.zeros_like(noise), np.full_like(noise, 255), noise])
        probabilities, vectors = classifier.run(batch)
        least, most = float(probabilities.min()), float(probabilities.max())
        # Written so that what is no number fails, too.
        if not (least >= 0 and most <= 1.0001):
            raise ConfigError(
                f"{self.path}: output {self.config.probability_output!r} holds {least:g}..{most:g},"
                " needed probabilities in 0..1; name it as logits = ... if it comes before softmax"
            )
        if not bool(np.isfinite(vectors).all()):
            raise ConfigError(f"{self.path}: the vector holds what is no number")

    def coder(self, dimensions: int) -> Coder:
        """Return the coder of this model's vectors.

        Raises
        ------
        MissingModel, CorruptData
            If the trained coder's file or card is absent, or holds something else.
        ConfigError
            If it was trained for vectors of another length, or makes codes of another.
        """
        if self.codes is None:
            return Lsh(_LSH_SEED, BITS, dimensions, balanced=True)
        coder = Itq.load(self.codes)
        if (coder.dimensions, coder.bits) != (dimensions, BITS):
            raise ConfigError(
                f"{self.codes} makes {coder.bits} bits of {coder.dimensions} numbers, needed "
                f"{BITS} of {dimensions}; train one: alicorn train itq --photos DIR "
                f"--model {self.path.name} --out DIR"
            )
        return coder

    def identity(self) -> str:
        """Return what equal models have in common, and no others: 32 hexadecimal digits.

        The name, the licence and the places of files do not count: they change no photo's tags.

        Raises
        ------
        MissingModel
            If the trained coder's file is absent.
        """
        config = self.config
        settings = [
            *(config.image_input, config.layout, config.channels, config.side, config.crop),
            *(config.mean, config.scale, config.probability_output, config.logits),
            *(config.embedding_output, config.background_column),
        ]
        codes = f"balanced lsh {_LSH_SEED}" if self.codes is None else _one_file(self.codes)
        whole = repr((self.sha256, settings, self.classes, codes))
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _config(written: _File, model: Path) -> ClassifierConfig:
    entering, output = written.input, written.output
    scores = output.probabilities or output.logits
    if scores is None or (output.probabilities and output.logits):
        raise ConfigError("output: needed one of probabilities and logits")
    low, high = entering.range
    if not low < high:
        raise ConfigError(f"input.range is [{low:g}, {high:g}], needed [low, high]")
    if 0 in entering.std:
        raise ConfigError(f"input.std is {list(entering.std)}, needed numbers other than 0")
    unit = 255 / (high - low)
    red, green, blue = ((mean - low) * unit for mean in entering.mean)
    by_red, by_green, by_blue = (1 / (unit * std) for std in entering.std)
    return ClassifierConfig(
        path=model,
        image_input=entering.name,
        layout=entering.layout,
        channels=entering.channels,
        side=entering.side,
        crop=entering.crop,
        mean=(red, green, blue),
        scale=(by_red, by_green, by_blue),
        probability_output=scores,
        logits=output.logits is not None,
        embedding_output=output.vector,
        background_column=written.classes.background,
    )


def _classes(written: _Classes, folder: Path, taxonomy: Taxonomy) -> tuple[str | None, ...]:
    path = folder / written.file
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"classes {path} unreadable: {error}") from None
    numbers = [at for at in range(len(lines)) if at != written.background]
    concepts = concepts_of([lines[at] for at in numbers], taxonomy)
    unknown = [
        f"line {at + 1} {lines[at]!r}"
        for at, name in zip(numbers, concepts, strict=True)
        if name is None
    ]
    if unknown and written.unknown == "refuse":
        raise ConfigError(
            f"classes {path}: {len(unknown)} of {len(numbers)} classes are no concept, or could be "
            f"two: {', '.join(unknown[:_SHOWN])}{', …' if len(unknown) > _SHOWN else ''}; needed "
            'WordNet ids or names that the taxonomy knows, or unknown = "drop" in [classes]'
        )
    if len(unknown) == len(numbers):
        raise ConfigError(f"classes {path}: found no concept in {len(lines)} lines")
    return concepts


def _with_beside(path: Path, sha256: str) -> str:
    """Return the checksum of a file, with that of the numbers that lie beside it."""
    beside = (path.with_name(path.name + suffix) for suffix in _EXTERNAL)
    parts = [sha256, *(_one_file(one) for one in beside if one.is_file())]
    return sha256 if len(parts) == 1 else hashlib.sha256("".join(parts).encode()).hexdigest()


def _one_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MissingModel(f"no model at {path}: {error.strerror}") from error
