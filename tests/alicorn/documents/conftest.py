"""Photo documents of every kind that may be written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Place, Tag
from alicorn.documents.model import CODE_BYTES, MAX_TAGS

_u64 = st.integers(0, 2**64 - 1)
_u32 = st.integers(0, 2**32 - 1)
_words = st.text(max_size=30)
_code = st.just(b"") | st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES)
_people = st.sets(_u64, max_size=4).map(lambda ids: tuple(sorted(ids)))
# The wire keeps confidences and quality as float32.
_share = st.floats(0, 1, width=32)


def _audiences() -> st.SearchStrategy[Audience]:
    plain = [kind for kind in AudienceKind if kind is not AudienceKind.LIST]
    return st.sampled_from(plain).map(Audience) | _people.map(
        lambda members: Audience(AudienceKind.LIST, members)
    )


def _places() -> st.SearchStrategy[Place]:
    return st.builds(
        Place,
        id=_u32,
        name=_words,
        country=st.sampled_from(["", "FR", "GB"]),
        latitude=st.floats(-90, 90),
        longitude=st.floats(-180, 180),
    )


DOCUMENTS = st.builds(
    PhotoDocument,
    id=_u64,
    sort_key=_u32,
    content_hash=st.just(b"") | st.binary(min_size=32, max_size=32),
    author=_u64,
    tagged=_people,
    audience=_audiences(),
    taken_at=st.none() | st.integers(-62_135_596_800, 253_402_300_799),
    place=st.none() | _places(),
    camera=_words,
    caption=_words,
    album=_words,
    tags=st.lists(
        st.builds(Tag, st.sampled_from(["cat", "dog", "beach ball", "été"]), _share),
        max_size=MAX_TAGS,
    ).map(tuple),
    visual=_code,
    joint=_code,
    fingerprint=_code,
    fingerprint_quality=st.integers(0, 100),
    quality=_share,
    popularity=_u32,
    uri=_words,
    width=_u32,
    height=_u32,
)


@pytest.fixture(scope="session")
def documents() -> st.SearchStrategy[Any]:
    """Every document that may be written; draw from it with `st.data()`."""
    return DOCUMENTS
