"""The engine: parts put together, one outcome a photo, with small models and with the real ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from alicorn.documents import PhotoDocument, Tag
from understanding.photos.engine import PhotoEngine
from understanding.photos.limits import Limits
from understanding.photos.outcome import Failed, FailureKind, Item, Understood


class SmallClassifier:
    """Sees the mean colour: three probabilities, and the same as the vector."""

    def __init__(self, fail: Exception | None = None) -> None:
        self.batches: list[int] = []
        self.fail = fail

    def preprocess(self, rgb: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.asarray(Image.fromarray(rgb).resize((2, 2)))

    def run(self, batch: np.ndarray[Any, Any]) -> tuple[Any, Any]:
        if self.fail is not None:
            raise self.fail
        self.batches.append(len(batch))
        means = batch.mean(axis=(1, 2), dtype=np.float32)
        return means / means.sum(axis=1, keepdims=True).clip(1), means


class SmallCoder:
    def encode(self, vectors: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.repeat(vectors[:, :1].astype(np.uint8), 32, axis=1)


class SmallTaxonomy:
    def tags(self, probabilities: np.ndarray[Any, Any]) -> tuple[Tag, ...]:
        best = int(np.argmax(probabilities))
        return (Tag(("red", "green", "blue")[best], float(probabilities[best])),)


def engine(fail: Exception | None = None, limits: Limits | None = None) -> PhotoEngine:
    return PhotoEngine(
        classifier=SmallClassifier(fail),
        coder=SmallCoder(),
        taxonomy=SmallTaxonomy(),
        limits=limits,
    )


@pytest.fixture
def photo(tmp_path: Path) -> Callable[..., Item]:
    def made(name: str, colour: str = "red", **options: Any) -> Item:
        Image.new("RGB", (60, 40), colour).save(tmp_path / name, **options)
        return Item(str(tmp_path / name), f"album/{name}")

    return made


def understood(outcome: object) -> PhotoDocument:
    assert isinstance(outcome, Understood)
    return outcome.document


def test_a_photo_becomes_a_document(photo: Callable[..., Item]) -> None:
    """PS: every column that comes from the picture is filled."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon X"
    exif.get_ifd(0x8769)[0x9003] = "2014:05:01 10:20:30"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})

    (outcome,) = engine().understand([photo("a.png", exif=exif)])

    document = understood(outcome)
    assert (document.id, document.author, document.uri) == (0, 0, "album/a.png")
    assert (document.width, document.height, document.camera) == (60, 40, "Canon X")
    assert document.taken_at == 1_398_939_630
    assert document.sort_key == (1_398_939_630 + 2_208_988_800) // 60
    assert document.place is not None
    assert document.place.name == "Paris"
    assert document.tags == (Tag("red", 1.0),)
    assert document.visual == bytes([255]) * 32
    assert len(document.fingerprint) == len(document.content_hash) == 32
    assert 0.0 <= document.quality <= 1.0
    assert isinstance(outcome, Understood)
    assert outcome.thumbnail is not None
    assert outcome.thumbnail.startswith(b"\xff\xd8")


def test_a_batch_keeps_its_order_around_failures(
    photo: Callable[..., Item], tmp_path: Path
) -> None:
    """Bad input: one broken file among good ones is named, and shifts nobody's tags."""
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (tmp_path / "folder.jpg").mkdir()
    bad = [Item(str(tmp_path / name), name) for name in ("broken.jpg", "gone.jpg", "folder.jpg")]
    began: list[int] = []

    outcomes = engine().understand(
        [bad[0], photo("r.png", "red"), bad[1], bad[2], photo("b.png", "blue")], began.append
    )

    kinds = [
        one.kind if isinstance(one, Failed) else one.document.tags[0].concept for one in outcomes
    ]
    assert kinds == [
        FailureKind.UNREADABLE,
        "red",
        FailureKind.VANISHED,
        FailureKind.UNREADABLE,
        "blue",
    ]
    assert isinstance(outcomes[3], Failed)
    assert outcomes[3] == Failed("folder.jpg", FailureKind.UNREADABLE, "not a regular file")
    assert began == [0, 1, 2, 3, 4, 5]


def test_nothing_readable_runs_no_classifier(tmp_path: Path) -> None:
    """An empty batch is no batch."""
    began: list[int] = []
    outcomes = engine().understand([Item(str(tmp_path / "gone.jpg"), "gone.jpg")], began.append)

    assert outcomes == [Failed("gone.jpg", FailureKind.VANISHED, "no such file")]
    assert began == [0]
    assert engine().understand([]) == []


def test_a_forbidden_file_may_be_tried_again(
    photo: Callable[..., Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permission can be given without the file changing."""
    item = photo("a.png")

    def forbidden(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    (outcome,) = engine().understand([item])

    reason = "cannot be read: permission denied"
    assert outcome == Failed("album/a.png", FailureKind.UNAVAILABLE, reason)


def test_a_failing_classifier_blames_no_photo(photo: Callable[..., Item]) -> None:
    """A library at fault must not mark a thousand good photos as broken for ever."""
    outcomes = engine(fail=RuntimeError("out of luck")).understand([photo("a.png")])

    reason = "classification failed: RuntimeError"
    assert outcomes == [Failed("album/a.png", FailureKind.UNAVAILABLE, reason)]


def test_limits_reach_the_decoder(photo: Callable[..., Item]) -> None:
    """What the configuration allows is what is allowed."""
    (outcome,) = engine(limits=Limits(max_pixels=100)).understand([photo("a.png")])

    assert isinstance(outcome, Failed)
    assert "60 x 40 is 0.0 megapixels, at most 0.0" in outcome.reason


def test_the_shipped_models_understand_a_picture(photo: Callable[..., Item]) -> None:
    """PS-05, DB-08: the whole way with the real classifier, coder and taxonomy."""
    loaded = PhotoEngine.load(threads=1)
    gradient = Image.linear_gradient("L").resize((300, 200)).convert("RGB")
    item = photo("a.png")
    gradient.save(item.path)

    first, again = loaded.understand([item, item])

    document = understood(first)
    assert len(document.visual) == 32
    assert 0 < len(document.tags) <= 50
    confidences = [tag.confidence for tag in document.tags]
    assert confidences == sorted(confidences, reverse=True)
    assert document == understood(again)


@pytest.mark.data
def test_real_photos_get_their_tags(data_dir: Path) -> None:
    """PS: a photo of a beagle is found by beagle, by dog and by animal."""
    (path,) = (data_dir / "photos" / "imagenet").glob("n02088364_*.jpg")
    (outcome,) = PhotoEngine.load().understand([Item(str(path), "beagle.jpg")])

    concepts = {tag.concept for tag in understood(outcome).tags}
    assert {"beagle", "dog"} <= concepts
