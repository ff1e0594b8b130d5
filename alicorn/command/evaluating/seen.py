"""What the classifier saw in every photo: all categories, not the 50 concepts that are its tags.

The index keeps 50 tags of a photo (DB-08); a baseline that sums over every category needs the
others, too. The photos are looked at again, once: the probabilities are kept in the library's
folder as `probabilities.npz`, under a digest of the photos that they are of.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from rich.progress import track

from alicorn.command.console import talk
from alicorn.command.library import Library
from alicorn.documents import PhotoDocument
from alicorn.files import write_whole
from understanding.photos.classifier import Classifier
from understanding.photos.decode import decode
from understanding.photos.limits import Limits

__all__ = ["FILE", "probabilities_of"]

FILE: Final = "probabilities.npz"

_BATCH: Final = 32


def probabilities_of(
    library: Library, documents: Sequence[PhotoDocument]
) -> npt.NDArray[np.float32]:
    """Return the probability of every category in every photo.

    Parameters
    ----------
    library : Library
    documents : sequence of PhotoDocument
        Photos of it.

    Returns
    -------
    float32, shape (photos, categories)
        In [0, 1]; photos in the order of ``documents``, categories in that of the classifier.

    Raises
    ------
    MissingModel
        If the classifier is missing.
    NotFound, UnreadablePhoto
        If a photo has gone or cannot be read any more.
    """
    digest = hashlib.blake2b(digest_size=16)
    for document in documents:
        digest.update(document.content_hash)
    path = library.path / FILE
    probabilities = _kept(path, digest.hexdigest())
    if probabilities is None:
        probabilities = _looked_at(library.photos, [document.uri for document in documents])
        packed = io.BytesIO()
        np.savez_compressed(packed, probabilities=probabilities, photos=digest.hexdigest())
        write_whole(path, packed.getvalue())
    return probabilities


def _kept(path: Path, digest: str) -> npt.NDArray[np.float32] | None:
    """Return what an earlier evaluation saw in the same photos."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["photos"]) != digest:
                return None
            probabilities: npt.NDArray[np.float32] = kept["probabilities"]
            return probabilities
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        # Absent, or half of one: it is made again.
        return None


def _looked_at(folder: Path, uris: Sequence[str]) -> npt.NDArray[np.float32]:
    classifier = Classifier.load(threads=os.cpu_count() or 1)
    limits = Limits()
    rows = []
    starts = range(0, len(uris), _BATCH)
    for start in track(
        starts,
        "looking at every category",
        console=talk,
        transient=True,
        disable=not talk.is_terminal,
    ):
        pictures = [
            classifier.preprocess(decode(folder / uri, limits).rgb)
            for uri in uris[start : start + _BATCH]
        ]
        rows.append(classifier.run(np.stack(pictures))[0])
    return np.concatenate(rows)
