"""Judgements from folders: the photos of Caltech-101, whose folder says what they show.

A photo at ``.../caltech101/<label>/<file>`` is relevant for the query that its label spells and for
no other label; photos elsewhere are not judged. The photos fall into two halves by their path
(`splits`), so that a model is trained on one (`TRAINING_HALF`) and measured on the other
(`EVALUATION_HALF`). What lies before ``caltech101/`` does not count: a moved library keeps its
halves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

from ranker.training import splits
from ranker.training.splits import EVALUATION_HALF, TRAINING_HALF

__all__ = [
    "EVALUATION_HALF",
    "SHOWN_TOO",
    "TRAINING_HALF",
    "Judgements",
    "half_of",
    "key_of",
    "label_of",
]

_ROOT: Final = "caltech101/"

SHOWN_TOO: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "chair": frozenset({"windsor_chair", "wheelchair"}),
        "crocodile": frozenset({"crocodile_head"}),
        "flamingo": frozenset({"flamingo_head"}),
        "wild_cat": frozenset({"cougar_body", "cougar_face", "Leopards"}),
        "cougar_body": frozenset({"cougar_face"}),
        "cougar_face": frozenset({"cougar_body"}),
        "ketch": frozenset({"schooner"}),
        "schooner": frozenset({"ketch"}),
        "lamp": frozenset({"chandelier"}),
    }
)
"""Labels whose photos also show what another label says: no one trains on these as negatives."""


def _judged_path(uri: str) -> str | None:
    at = f"/{uri}".rfind(f"/{_ROOT}")
    return None if at < 0 else uri[at:]


def label_of(uri: str) -> str | None:
    """Return the label that a photo's folder names, or None for a photo that is not judged.

    Examples
    --------
    >>> label_of("photos/caltech101/sea_horse/image_0001.jpg")
    'sea_horse'
    >>> label_of("photos/coco/1.jpg") is None
    True
    """
    path = _judged_path(uri)
    parts = path.split("/") if path is not None else []
    return parts[1] if len(parts) == 3 and parts[1] and parts[2] else None


def key_of(uri: str) -> str:
    """Return the key by which `splits` knows the photo at ``uri``.

    >>> key_of("old/place/caltech101/panda/image_0001.jpg")
    'caltech101/panda/image_0001.jpg'
    """
    return _judged_path(uri) or uri


def half_of(uri: str) -> int:
    """Return the half, 0 or 1, that the photo at ``uri`` belongs to; see the module's docstring."""
    return splits.half_of(key_of(uri))


@dataclass(frozen=True)
class Judgements:
    """Which photos are relevant for which label."""

    label_by_uri: Mapping[str, str]

    @classmethod
    def of(cls, uris: Iterable[str]) -> Judgements:
        """Judge the photos at ``uris``; those outside the labelled folders are left out."""
        labels = ((uri, label_of(uri)) for uri in uris)
        return cls({uri: label for uri, label in labels if label is not None})

    def half(self, half: int) -> Judgements:
        """Return the judgements of one half of the photos."""
        return Judgements(
            {u: label for u, label in self.label_by_uri.items() if half_of(u) == half}
        )

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels that at least one photo has, ascending."""
        return tuple(sorted(set(self.label_by_uri.values())))

    @cached_property
    def _uris_by_label(self) -> dict[str, frozenset[str]]:
        sets: dict[str, set[str]] = {}
        for uri, label in self.label_by_uri.items():
            sets.setdefault(label, set()).add(uri)
        return {label: frozenset(uris) for label, uris in sets.items()}

    def relevant(self, label: str) -> frozenset[str]:
        """Return the photos with this label; empty for an unknown one."""
        return self._uris_by_label.get(label, frozenset())

    def judge(self, label: str, uri: str) -> bool | None:
        """Tell whether a photo is relevant; None when it is not judged or shows it too.

        For training: photos of `SHOWN_TOO` are neither relevant nor not.
        """
        found = self.label_by_uri.get(uri)
        if found is None or found in SHOWN_TOO.get(label, ()):
            return None
        return found == label
