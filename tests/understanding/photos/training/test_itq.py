"""Training of ITQ, and how much of the cosines' order both coders keep (PS-11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from alicorn.errors import ShapeError
from understanding.photos.card import Card
from understanding.photos.classifier import Classifier
from understanding.photos.codes import Itq, Lsh
from understanding.photos.training.itq import train, train_itq, vectors_of
from understanding.photos.training.rank_correlation import rank_correlation

Vectors = np.ndarray[Any, np.dtype[np.float32]]


def photo_like(count: int, seed: int, dimensions: int = 96) -> Vectors:
    """Return positive vectors with a few strong axes and many weak ones, as features have."""
    axes = np.random.default_rng(0).normal(size=(dimensions, dimensions))
    strength = 1 / np.arange(1, dimensions + 1)
    mixed = np.random.default_rng(seed).normal(size=(count, dimensions)) * strength
    return np.exp(mixed @ axes / 3).astype(np.float32)


# ---- the training


@pytest.mark.train
def test_trained_planes_keep_more_order_than_random_ones() -> None:
    """PS-11, without data: on unseen vectors ITQ beats LSH, and LSH beats a coin."""
    pytest.importorskip("faiss")
    coder = train_itq(photo_like(800, seed=1), bits=32)
    unseen = photo_like(200, seed=2)
    trained, random = (
        rank_correlation(one, unseen, coder.mean) for one in (coder, Lsh(0, 32, 96, coder.mean))
    )

    assert trained > random > 0.5


@pytest.mark.train
def test_training_twice_gives_the_same_coder() -> None:
    """The card's command makes the card's file; another seed makes another."""
    faiss = pytest.importorskip("faiss")
    some = photo_like(300, seed=3)
    threads = faiss.omp_get_max_threads()

    assert train_itq(some, 32).name == train_itq(some, 32).name
    assert train_itq(some, 32, seed=5).name != train_itq(some, 32).name
    assert faiss.omp_get_max_threads() == threads


@pytest.mark.train
def test_too_few_photos_are_refused() -> None:
    """Two hundred photos cannot say where 256 planes belong."""
    pytest.importorskip("faiss")
    with pytest.raises(ShapeError, match=r"\(20, 96\), needed at least \(32, 32\)"):
        train_itq(photo_like(20, seed=1), 32)


@pytest.mark.train
@pytest.mark.slow
def test_photos_become_a_coder_with_its_card(tmp_path: Path) -> None:
    """The whole of `alicorn train itq`: unreadable photos are left out, order does not matter."""
    pytest.importorskip("faiss")
    generator = np.random.default_rng(1)
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(300):
        small = generator.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        picture = Image.fromarray(small).resize((64, 48), Image.Resampling.BICUBIC)
        picture.save(folder / f"{index}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    photos = sorted(folder.iterdir())
    out = tmp_path / "out"

    card = train(photos, out, data="noise", licence="CC0", cache_dir=tmp_path / "cache")

    assert card == Card.read(out / "itq.card.json")
    assert card.training_size + card.metrics["held_out_photos"] == 300
    assert (card.data, card.licence) == ("noise", "CC0")
    again = train(photos[::-1], tmp_path / "again", cache_dir=tmp_path / "cache")
    assert again.sha256 == card.sha256
    assert Itq.load(out / "itq.npz").bits == 256


def test_no_photos_give_no_vectors(tmp_path: Path) -> None:
    """An empty folder is refused by the number of its photos, not by a crash."""
    vectors, hashes = vectors_of([], Classifier.load(tmp_path))

    assert (vectors.shape, hashes) == ((0, 1280), [])


# ---- what ships


@pytest.mark.data
@pytest.mark.parametrize(
    ("which", "itq_floor", "lsh_floor"), [("coco", 0.7, 0.5), ("imagenet", 0.6, 0.4)]
)
def test_the_shipped_coder_keeps_the_order_of_photos_it_never_saw(
    data_dir: Path, tmp_path: Path, which: str, itq_floor: float, lsh_floor: float
) -> None:
    """PS-11: rank correlation of Hamming to cosine, over all pairs; `-s` prints it.

    COCO's everyday scenes are what a library holds. The ImageNet photos are one a category, so
    that nearly all pairs are unrelated and their order is mostly noise.
    """
    with (data_dir / "photos" / "index.jsonl").open(encoding="utf-8") as lines:
        files = [data_dir / p["file"] for p in map(json.loads, lines) if p["set"] == which]
    vectors, _ = vectors_of(files[:300], Classifier.load(tmp_path, threads=2))
    coder = Itq.load()
    trained = rank_correlation(coder, vectors, coder.mean)
    random = rank_correlation(Lsh.load(), vectors, coder.mean)
    print(f"{which}: {len(vectors)} photos, ITQ {trained:.4f}, LSH {random:.4f}")

    assert trained > itq_floor
    assert trained > random > lsh_floor
