r"""`PhotoEngine`: everything that is understood of a picture, in one pass.

    file -> decoded -> 224 x 224 --classifier--> probabilities -> tags
                    |                        \-> vector        -> visual code
                    |-> fingerprint, quality, thumbnail
                    \-> time, camera, position -> nearest city

The parts are handed in, so that each can be replaced (another classifier, another coder) and
tested alone; `PhotoEngine.load` puts the shipped ones together. What is not in the picture (its
owner, who may see it, its caption) is left to `sidecar`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
import structlog

from alicorn.documents import PhotoDocument, Tag
from alicorn.documents.model import static_rank
from alicorn.errors import NotFound, UnreadablePhoto
from understanding.photos.decode import UnreadableFile, decode_bytes, read_file
from understanding.photos.fingerprint import pdq
from understanding.photos.geo import nearest_city
from understanding.photos.limits import Limits
from understanding.photos.messages import ModelChoice
from understanding.photos.outcome import Failed, FailureKind, Item, Outcome, Understood
from understanding.photos.quality import picture_quality
from understanding.photos.thumbnail import thumbnail

__all__ = ["Classifies", "Encodes", "PhotoEngine", "Tags"]

_log = structlog.get_logger(__name__)

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


class Classifies(Protocol):
    """What the engine needs of a classifier (`classifier.Classifier`)."""

    def preprocess(self, rgb: Pixels) -> Pixels:
        """Return what the classifier looks at: uint8, shape (side, side, 3)."""

    def run(self, batch: Pixels) -> tuple[Floats, Floats]:
        """Return probabilities, shape (n, classes), and vectors, shape (n, dimensions)."""


class Encodes(Protocol):
    """What the engine needs of a coder (`codes.Itq`)."""

    def encode(self, vectors: Floats) -> Pixels:
        """Return codes: uint8, shape (n, 32)."""


class Tags(Protocol):
    """What the engine needs of a taxonomy (`understanding.concepts.Taxonomy`)."""

    def tags(self, probabilities: Floats) -> tuple[Tag, ...]:
        """Return the tags of one photo, at most 50, confidence descending."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """A photo between decoding and classification."""

    document: PhotoDocument
    square: Pixels
    thumbnail: bytes


class PhotoEngine:
    """Understands photos, a batch at a time.

    Parameters
    ----------
    classifier, coder, taxonomy
        The models.
    limits : Limits
        What a picture may cost.
    """

    def __init__(
        self,
        *,
        classifier: Classifies,
        coder: Encodes,
        taxonomy: Tags,
        limits: Limits | None = None,
    ) -> None:
        self._classifier = classifier
        self._coder = coder
        self._taxonomy = taxonomy
        self._limits = limits or Limits()

    @classmethod
    def load(
        cls,
        threads: int = 1,
        *,
        cache_dir: Path | None = None,
        limits: Limits | None = None,
        model: ModelChoice | None = None,
    ) -> Self:
        """Load the shipped models, or ``model``; ``threads`` cores for the classifier.

        Raises
        ------
        MissingModel
            If the classifier's weights or a shipped model are missing or altered.
        ConfigError
            If ``model`` has become another, or its parts do not fit together.
        """
        # Loaded here, so that the types above cost nothing.
        from understanding.concepts.taxonomy import Taxonomy  # noqa: PLC0415
        from understanding.photos.classifier import Classifier  # noqa: PLC0415
        from understanding.photos.codes import Itq  # noqa: PLC0415

        if model is not None:
            from understanding.photos.own import load_own  # noqa: PLC0415

            own = load_own(model, threads=threads)
            return cls(classifier=own.classifier, coder=own.coder, taxonomy=own.tags, limits=limits)
        return cls(
            classifier=Classifier.load(cache_dir, threads=threads),
            coder=Itq.load(),
            taxonomy=Taxonomy.load(),
            limits=limits,
        )

    def understand(
        self, items: Sequence[Item], began: Callable[[int], None] | None = None
    ) -> list[Outcome]:
        """Understand ``items``; one outcome each, in their order.

        A photo that cannot be understood is a `Failed` and harms no other. ``began`` is called
        with the position of an item before its file is touched, and with ``len(items)`` before
        the classifier runs: a parent process watches the time of each step by it.
        """
        outcomes: dict[int, Outcome] = {}
        looked: dict[int, _Looked] = {}
        for at, item in enumerate(items):
            if began is not None:
                began(at)
            one = self._look(item)
            if isinstance(one, Failed):
                outcomes[at] = one
            else:
                looked[at] = one
        if looked:
            if began is not None:
                began(len(items))
            outcomes.update(zip(looked, self._classified(list(looked.values())), strict=True))
        return [outcomes[at] for at in range(len(items))]

    def _look(self, item: Item) -> _Looked | Failed:
        """Decode one photo and take from it whatever needs no model."""
        path = Path(item.path)
        try:
            decoded = decode_bytes(read_file(path, self._limits), item.path, self._limits)
            place = None if decoded.position is None else nearest_city(*decoded.position)
            fingerprint = pdq(decoded.rgb)
            document = PhotoDocument(
                uri=item.uri,
                content_hash=decoded.content_hash,
                taken_at=decoded.taken_at,
                sort_key=static_rank(decoded.taken_at),
                place=place,
                camera=decoded.camera,
                fingerprint=fingerprint.bits,
                fingerprint_quality=fingerprint.quality,
                quality=picture_quality(decoded.rgb, decoded.width, decoded.height),
                width=decoded.width,
                height=decoded.height,
            )
            square = self._classifier.preprocess(decoded.rgb)
            return _Looked(document, square, thumbnail(decoded.rgb))
        except NotFound:
            return Failed(item.uri, FailureKind.VANISHED, "no such file")
        except UnreadableFile as error:
            return Failed(item.uri, FailureKind.UNAVAILABLE, _reason(error, item))
        except UnreadablePhoto as error:
            return Failed(item.uri, FailureKind.UNREADABLE, _reason(error, item))
        except MemoryError:
            return Failed(item.uri, FailureKind.TOO_COSTLY, "needs more memory than allowed")

    def _classified(self, looked: Sequence[_Looked]) -> list[Outcome]:
        """Add what the models see to the photos of one batch."""
        try:
            batch = np.stack([one.square for one in looked])
            probabilities, vectors = self._classifier.run(batch)
            codes = self._coder.encode(vectors)
            return [
                Understood(
                    replace(one.document, tags=self._taxonomy.tags(row), visual=code.tobytes()),
                    one.thumbnail,
                )
                for one, row, code in zip(looked, probabilities, codes, strict=True)
            ]
        # A runtime that fails (memory of the machine, a library) says nothing of these photos.
        except Exception as error:
            _log.exception("classification failed", photos=len(looked))
            reason = f"classification failed: {type(error).__name__}"
            return [Failed(one.document.uri, FailureKind.UNAVAILABLE, reason) for one in looked]


def _reason(error: UnreadablePhoto, item: Item) -> str:
    """Return why, without the path that the uri already says."""
    return str(error).removeprefix(f"{item.path}: ")
