"""A segment that was written once is read for ever, and written again byte for byte.

The files hold the same documents: 130 photos, one list in memory, one cold one. A new format adds a
file; it does not replace one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Place, Tag
from alicorn.documents.codec import decode, encode
from alicorn.documents.hitdata import confidence_of
from alicorn.documents.terms import terms_of
from indexserver.merge import merge
from indexserver.postings.builder import build
from indexserver.postings.dictionary import term_key
from indexserver.postings.forms import FORM, PACKED, SHORT
from indexserver.postings.layout import FORMAT
from indexserver.postings.segment import Segment
from indexserver.view import SegmentView

FOLDER = Path(__file__).parents[2] / "golden" / "segment"
CODE = bytes(range(32))


def photo(number: int) -> PhotoDocument:
    """Return one of the photos of the files; never to be changed."""
    levels = [(200 - number, "beach ball"), (9, "cat")][: 1 + number % 2]
    document = PhotoDocument(
        id=1 + 3 * number,
        sort_key=number % 7,
        content_hash=CODE if number % 5 == 0 else b"",
        author=number % 4,
        tagged=(number, 1_000 + number),
        audience=Audience(AudienceKind.LIST, (5, 6))
        if number % 9 == 0
        else Audience(AudienceKind.PUBLIC),
        taken_at=None if number % 3 == 0 else 86_400 * number,
        place=Place(2_950_159, "Berlin", "DE", 52.5, 13.4) if number % 2 else None,
        camera="Canon EOS",
        caption=f"dogs at the sea, number {number}",
        tags=tuple(Tag(concept, confidence_of(level)) for level, concept in levels),
        visual=CODE if number % 2 else b"",
        joint=CODE if number == 3 else b"",
        fingerprint=CODE[::-1],
        fingerprint_quality=number % 101,
        quality=number / 256,
        popularity=number * number,
        uri=f"shelf/{number}.jpg",
        width=640 + 600 * number,
        height=480,
        written=number + 1,
    )
    return decode(encode(document))


PHOTOS = sorted((photo(number) for number in range(130)), key=lambda d: (-d.sort_key, d.id))
COLD = term_key("text", "dog")


def written() -> bytes:
    """Return the bytes that this program writes for the photos."""
    plain = Segment.read(build(PHOTOS, first_sequence=1, last_sequence=130), "plain")

    def cold(offsets, ids, hits, documents):
        packed = np.zeros(offsets.size - 1, dtype=np.bool_)
        packed[plain.terms.find(COLD)] = True
        return packed

    return merge([SegmentView(plain)], packed=cold)


@pytest.mark.parametrize("version", range(FORMAT + 1))
def test_a_segment_of_any_version_is_read(version):
    """Whoever has a shard on disk keeps it."""
    segment = Segment.open(FOLDER / f"v{version}.alc")
    lists: dict[bytes, list[tuple[int, int]]] = {}
    for local, document in enumerate(PHOTOS):
        for term in terms_of(document):
            lists.setdefault(term_key(term.edge, term.value), []).append((local, term.hitdata))

    assert [segment.document(local) for local in range(130)] == PHOTOS
    assert segment.terms.keys() == sorted(lists)
    for number, key in enumerate(sorted(lists)):
        found = segment.list_at(number)
        assert lists[key] == list(zip(found.ids.tolist(), found.hits.tolist(), strict=True))
    assert (segment.first_sequence, segment.last_sequence) == (1, 130)


def test_the_same_bytes_are_written_again():
    """A change of the format is meant, or it is a mistake."""
    assert (FOLDER / f"v{FORMAT}.alc").read_bytes() == written()


def test_the_file_has_what_a_segment_can_have():
    """What is not in the file could change unseen."""
    segment = Segment.open(FOLDER / f"v{FORMAT}.alc")
    forms = segment.lists.rows(np.arange(segment.lists.count))[:, FORM]

    assert {SHORT, PACKED} <= set(forms.tolist())
    assert all(size > 0 for size in segment.section_bytes.values())
