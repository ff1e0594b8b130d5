"""The parts of an engine that sees with somebody's own model: classifier, coder, tags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alicorn.errors import ConfigError
from understanding.concepts.classes import ClassTags
from understanding.concepts.taxonomy import Taxonomy
from understanding.photos.classifier import Classifier
from understanding.photos.codes import Coder
from understanding.photos.messages import ModelChoice
from understanding.photos.model_file import ModelFile

__all__ = ["OwnModel", "load_own", "ready"]


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A model that was found to work."""

    classifier: Classifier
    coder: Coder
    tags: ClassTags


def load_own(choice: ModelChoice, *, threads: int = 1) -> OwnModel:
    """Load the model that was chosen.

    Raises
    ------
    ConfigError
        If it is another by now, or its parts do not fit together.
    MissingModel, CorruptData
        If a file of it is absent or unreadable.
    """
    described = ModelFile.load(Path(choice.path))
    if described.identity() != choice.identity:
        raise ConfigError(
            f"{choice.path} describes another model than the one that was chosen: its file, its "
            "settings, its classes or its codes were changed; start again"
        )
    return ready(described, threads=threads)


def ready(described: ModelFile, *, threads: int = 1) -> OwnModel:
    """Load a model and try it on a picture; errors as `load_own`."""
    classifier = Classifier.load(threads=threads, config=described.config)
    described.check(classifier)
    coder = described.coder(classifier.dimensions)
    return OwnModel(classifier, coder, ClassTags(Taxonomy.load(), described.classes))
