"""Who asks, and in which words a photo may be seen."""

from __future__ import annotations

import pytest

from aggregator.top.sight import phrase_of, viewer_of
from aggregator.top.tokens import TokenKey
from alicorn.api.search.v1 import search_pb2
from alicorn.errors import Unauthenticated
from alicorn.log import Reason

KEY = TokenKey("0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize(("asked", "default", "expected"), [(0, 0, 0), (0, 4, 4), (7, 4, 7)])
def test_without_a_key_the_request_or_the_default_says_who(
    asked: int, default: int, expected: int
) -> None:
    """On loopback: the person whose library it is, or one of the sample people."""
    assert expected == viewer_of(search_pb2.Viewer(id=asked), None, default)


@pytest.mark.parametrize("token", [KEY.sign(9, valid_s=60), "anything"], ids=["signed", "anything"])
@pytest.mark.parametrize("asked", [0, 7])
def test_without_a_key_a_token_is_refused(asked: int, token: str) -> None:
    """Whoever sends one counts on its being checked.

    A page that asks for tokens before a top that lost its secret would show the owner's photos.
    """
    with pytest.raises(Unauthenticated, match="no viewer_secret to check it with"):
        viewer_of(search_pb2.Viewer(id=asked, token=token), None, 4)


def test_with_a_key_only_the_token_counts() -> None:
    """Neither the id of the request nor the default."""
    token = KEY.sign(9, valid_s=60)

    assert viewer_of(search_pb2.Viewer(id=7, token=token), KEY, 4) == 9
    for viewer in (search_pb2.Viewer(), search_pb2.Viewer(id=7)):
        with pytest.raises(Unauthenticated, match="no viewer token"):
            viewer_of(viewer, KEY, 4)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NONE])
def test_every_reason_has_words(reason: Reason) -> None:
    """With a name, and where it is not known."""
    assert "{" not in phrase_of(reason, "Ada")
    assert phrase_of(reason, "").strip()


def test_what_may_not_be_seen_has_no_words() -> None:
    """A photo without a reason must never get as far as a sentence."""
    with pytest.raises(KeyError):
        phrase_of(Reason.NONE, "Ada")
