"""Training of iterative quantization: photos to `itq.npz` and its card (extra `train`).

The vectors of photos are scaled to length 1 and centred, their 256 principal axes taken, and a
rotation of these is found that brings the projections nearest to the corners of a cube, in 50
rounds of alternating least squares (Gong and Lazebnik 2011; Faiss's `PCAMatrix`, `ITQMatrix`).

Every tenth photo by its content is held out; the card says how well the order of cosines is kept
on those, beside LSH of as many bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import structlog

from alicorn.cards import card_path, sha256_of
from alicorn.errors import NotFound, ShapeError, UnreadablePhoto
from understanding.photos.card import Card
from understanding.photos.classifier import Classifier
from understanding.photos.codes import BITS, Itq, Lsh, centred
from understanding.photos.decode import decode
from understanding.photos.limits import Limits
from understanding.photos.model_file import ModelFile
from understanding.photos.training.rank_correlation import rank_correlation

__all__ = ["HELD_OUT", "train", "train_itq", "vectors_of"]

HELD_OUT: Final = 10
"""One in this many photos is not trained on."""

_SEED: Final = 1
_BATCH: Final = 16

_log = structlog.get_logger(__name__)


def train_itq(vectors: npt.ArrayLike, bits: int = BITS, seed: int = _SEED) -> Itq:
    """Train a coder.

    Parameters
    ----------
    vectors : float, shape (n, dimensions)
        ``n`` at least ``bits``; several times ``dimensions`` is better.
    bits : int
        A multiple of 8, at most ``dimensions``.
    seed : int
        Of the rotation to begin with; equal seeds and vectors give equal coders on one machine.

    Raises
    ------
    ShapeError
        If there are too few vectors or dimensions.
    """
    # Imported late: what only names this module need not have the extra `train`.
    import faiss  # noqa: PLC0415

    raw = np.asarray(vectors, np.float32)
    if raw.ndim != 2 or len(raw) < bits or raw.shape[1] < bits:
        raise ShapeError(f"vectors are {raw.shape}, needed at least ({bits}, {bits})")
    mean = centred(raw, np.zeros(raw.shape[1])).mean(axis=0).astype(np.float32)
    around = centred(raw, mean).astype(np.float32)
    threads = faiss.omp_get_max_threads()
    # One thread adds in one order: the same photos make the same file.
    faiss.omp_set_num_threads(1)
    try:
        axes = faiss.PCAMatrix(raw.shape[1], bits)
        axes.train(around)
        rotation = faiss.ITQMatrix(bits)
        rotation.seed = seed
        rotation.train(axes.apply(around))
    finally:
        faiss.omp_set_num_threads(threads)
    principal = faiss.vector_to_array(axes.A).reshape(-1, raw.shape[1])[:bits]
    turned = faiss.vector_to_array(rotation.A).reshape(bits, bits)
    planes = (turned @ principal).T
    return Itq(mean, np.round(planes * (127 / np.abs(planes).max(axis=0))).astype(np.int8))


def train(
    photos: Sequence[Path],
    out_dir: Path,
    *,
    data: str = "photos of this machine",
    licence: str = "not stated",
    made_by: str = "alicorn train itq",
    cache_dir: Path | None = None,
    model: ModelFile | None = None,
) -> Card:
    """Train a coder on photos and write ``itq.npz`` and ``itq.card.json``.

    Parameters
    ----------
    photos : sequence of Path
        Photos that cannot be read are named in the log and left out. Their order does not matter.
    out_dir : Path
        Made if it is not there.
    data, licence, made_by : str
        For the card.
    cache_dir : Path, optional
        Where prepared models are kept.
    model : ModelFile, optional
        The classifier whose vectors are coded; by default the one that ships.

    Returns
    -------
    Card
        As written.

    Raises
    ------
    ShapeError
        If fewer photos than bits could be read, or the vectors have fewer numbers than that.
    """
    if model is None:
        name, classifier = "EfficientNet-Lite0", Classifier.load(cache_dir)
    else:
        name, classifier = model.name, Classifier.load(config=model.config)
    vectors, hashes = vectors_of(photos, classifier)
    # By content, so that neither the names nor the order of files change what comes out.
    order = sorted(range(len(hashes)), key=hashes.__getitem__)
    held_out = np.array([i for i in order if _is_held_out(hashes[i])], np.intp)
    kept = np.array([i for i in order if not _is_held_out(hashes[i])], np.intp)
    coder = train_itq(vectors[kept])

    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / "itq.npz"
    coder.save(path)
    card = Card(
        name=f"Iterative quantization of {name} vectors to {coder.bits} bits",
        made_by=made_by,
        data=data,
        training_size=len(kept),
        licence=licence,
        metrics=_metrics(coder, vectors[held_out]),
        sha256=sha256_of(path.read_bytes()),
    )
    card.write(card_path(path))
    _log.info("trained a coder", coder=coder.name, photos=len(kept), **card.metrics)
    return card


def vectors_of(
    photos: Iterable[Path], classifier: Classifier
) -> tuple[npt.NDArray[np.float32], list[bytes]]:
    """Return the vectors and content hashes of the photos that can be read, in their order.

    Returns
    -------
    vectors : float32, shape (n, dimensions)
    hashes : list of bytes
        One a row.
    """
    limits = Limits()
    seen: list[npt.NDArray[np.uint8]] = []
    made = [np.empty((0, classifier.dimensions), np.float32)]
    hashes: list[bytes] = []
    for path in photos:
        try:
            picture = decode(path, limits)
        except (NotFound, UnreadablePhoto) as error:
            _log.warning("photo left out", reason=str(error))
            continue
        seen.append(classifier.preprocess(picture.rgb))
        hashes.append(picture.content_hash)
        if len(seen) == _BATCH:
            made.append(classifier.run(np.stack(seen))[1])
            seen.clear()
    if seen:
        made.append(classifier.run(np.stack(seen))[1])
    return np.concatenate(made), hashes


def _is_held_out(content_hash: bytes) -> bool:
    return int.from_bytes(content_hash[:8], "little") % HELD_OUT == 0


def _metrics(coder: Itq, vectors: npt.NDArray[np.float32]) -> dict[str, float]:
    """Return what the card says; nothing where too few photos were held out."""
    metrics = {"held_out_photos": float(len(vectors))}
    if len(vectors) >= 3:
        random = Lsh(0, coder.bits, coder.dimensions, coder.mean)
        for name, one in (("itq", coder), ("lsh", random)):
            correlation = rank_correlation(one, vectors, coder.mean)
            metrics[f"spearman_hamming_cosine_{name}"] = round(correlation, 4)
    return metrics
