"""Tiles are small pictures, the same each time, and copies look alike."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from alicorn.documents import PhotoDocument, Tag
from alicorn.documents.batch import PhotoBatch
from loadtest.world.generator import World
from loadtest.world.pictograms import KINDS, PICTOGRAMS
from loadtest.world.tiles import TILE_SIDE, draw
from understanding.concepts.families import Family
from understanding.concepts.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def batch() -> PhotoBatch:
    return World(people=50, photos=1_000, seed=7).block(0, first_sequence=1)


def _pixels(document: PhotoDocument) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(draw(document))).convert("RGB"), dtype=np.float64)


def test_a_tile_is_a_jpeg_of_the_photos_shape(batch: PhotoBatch) -> None:
    for row in range(40):
        document = batch.document(row)
        image = Image.open(io.BytesIO(draw(document)))

        assert image.format == "JPEG"
        assert max(image.size) == TILE_SIDE
        assert abs(image.width / image.height - document.width / document.height) < 0.02


def test_the_same_photo_has_the_same_tile(batch: PhotoBatch) -> None:
    assert draw(batch.document(3)) == draw(batch.document(3))


def test_copies_look_alike_and_others_do_not(batch: PhotoBatch) -> None:
    bits = np.unpackbits(batch.fingerprints, axis=1).astype(np.int16)
    near = np.flatnonzero(np.abs(bits[:-1] - bits[1:]).sum(axis=1) <= 31)[:12].tolist()
    squares = [
        [_pixels(replace(batch.document(row), width=400, height=300)) for row in pair]
        for pair in ((row, row + 1) for row in near)
    ]
    alike = [np.abs(one - other).mean() for one, other in squares]
    others = [np.abs(squares[n][0] - squares[n + 1][0]).mean() for n in range(len(squares) - 1)]

    assert len(alike) > 5
    assert np.median(alike) < 10
    assert np.median(others) > 3 * np.median(alike)


def test_every_family_has_a_pictogram_and_every_kind_is_a_concept() -> None:
    assert set(Family) == set(PICTOGRAMS)
    assert set(KINDS) <= set(Taxonomy.load().index_of)


@pytest.mark.parametrize("family", list(Family))
def test_families_are_told_apart(batch: PhotoBatch, family: Family) -> None:
    taxonomy = Taxonomy.load()
    document = batch.document(0)
    leaf = next(c for c in taxonomy.concepts if c.family is family and c.class_index is not None)
    shown = _pixels(replace(document, tags=(Tag(leaf.name, 0.9),)))
    unknown = _pixels(replace(document, tags=()))

    assert np.abs(shown - unknown).mean() > 0.5


def test_a_photo_of_which_nothing_is_known_has_a_tile() -> None:
    bare = PhotoDocument(id=1)

    assert Image.open(io.BytesIO(draw(bare))).size == (TILE_SIDE, 300)


@pytest.mark.parametrize(("width", "height"), [(300, 400), (400, 300)])
def test_long_names_leave_room_for_the_mark(batch: PhotoBatch, width: int, height: int) -> None:
    """Whatever is shown, the tile says that it is made up: in yellow, at the lower right."""
    shape = replace(batch.document(0), width=width, height=height)
    short, long = (
        _pixels(replace(shape, tags=(Tag(name, 0.9),)))[-28:, -75:]
        for name in ("ox", "soft-coated wheaten terrier")
    )

    assert np.abs(short - long).max() < 60
    assert (short[:, :, 0] - short[:, :, 2]).max() > 60
