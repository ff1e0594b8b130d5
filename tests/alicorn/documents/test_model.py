"""Documents are checked when they are made."""

from __future__ import annotations

from typing import Any

import pytest

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.documents.model import MAX_TAGS, static_rank
from alicorn.errors import BadRequest


@pytest.mark.parametrize(
    "fields",
    [
        {"id": -1},
        {"id": 2**64},
        {"author": -1},
        {"sort_key": 2**32},
        {"popularity": -1},
        {"visual": b"x"},
        {"joint": b"x" * 31},
        {"fingerprint": b"x" * 33},
        {"tags": tuple(Tag(str(i), 0.5) for i in range(MAX_TAGS + 1))},
    ],
)
def test_a_field_out_of_its_range_is_named(fields: dict[str, Any]) -> None:
    """With what was found."""
    with pytest.raises(BadRequest, match=next(iter(fields))):
        PhotoDocument(**fields)


@pytest.mark.parametrize("kind", [k for k in AudienceKind if k is not AudienceKind.LIST])
def test_only_a_list_has_members(kind: AudienceKind) -> None:
    """Members of a public photo would be a list that nobody looks at."""
    with pytest.raises(BadRequest, match="members"):
        Audience(kind, (1,))


def test_a_photo_of_which_nothing_is_said_is_hidden() -> None:
    """PS-37 begins here: no audience is the narrowest."""
    assert PhotoDocument().audience == Audience(AudienceKind.ONLY_ME)


def test_newer_photos_rank_first_and_unknown_times_last() -> None:
    """Over the whole range of the column."""
    times = [-(2**62), -2_208_988_800, -1, 0, 59, 60, 1_700_000_000, 2**62]
    ranks = [static_rank(None), *map(static_rank, times)]

    assert ranks == sorted(ranks)
    assert ranks[0] == 0
    assert ranks[1] == 1
    assert ranks[-1] == 2**32 - 1
