"""Viewer tokens: good ones name their viewer, all others are refused alike."""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.top import tokens
from aggregator.top.tokens import TokenKey
from alicorn.errors import Unauthenticated

KEY = TokenKey("0123456789abcdef0123456789abcdef")
NOW = 1_700_000_000.0


@given(viewer=st.integers(0, 2**64 - 1), valid_s=st.integers(1, 10**9))
def test_a_token_names_whom_it_was_signed_for(viewer: int, valid_s: int) -> None:
    """Also the anonymous viewer 0, and the greatest id."""
    assert viewer == KEY.verify(KEY.sign(viewer, valid_s=valid_s, now=NOW), now=NOW)


@pytest.mark.parametrize(("after_s", "valid"), [(59, True), (60, False), (61, False), (1e9, False)])
def test_a_token_ends_when_it_says(after_s: float, valid: bool) -> None:
    """Its last second is not included."""
    token = KEY.sign(7, valid_s=60, now=NOW)
    if valid:
        assert KEY.verify(token, now=NOW + after_s) == 7
        return
    with pytest.raises(Unauthenticated, match="expired"):
        KEY.verify(token, now=NOW + after_s)


def test_without_a_clock_it_is_now() -> None:
    """What servers use."""
    assert KEY.verify(KEY.sign(7, valid_s=60)) == 7
    with pytest.raises(Unauthenticated, match="expired"):
        KEY.verify(KEY.sign(7, valid_s=-1))


def test_any_altered_character_is_refused() -> None:
    """Viewer, end, version and signature alike, and without saying which."""
    token = KEY.sign(7, valid_s=60, now=NOW)
    said = set()
    for place, letter in enumerate(token):
        altered = token[:place] + ("8" if letter != "8" else "9") + token[place + 1 :]
        # The last character of base64 carries two bits that mean nothing; ours is canonical.
        with pytest.raises(Unauthenticated) as raised:
            KEY.verify(altered, now=NOW)
        said.add(str(raised.value))

    assert len(said) == 1


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "...",
        "v1.7.9999999999",
        "v1.7.9999999999.",
        "v1.7.9999999999.é",
        "ü.ü.ü.ü",
        "v1.\ud800.1.x",
        "a" * 100_000,
        "." * 100_000,
        "v1.7.9999999999.AAAA\n",
        "\x00",
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    """Nothing of it is believed, and nothing crashes on it."""
    with pytest.raises(Unauthenticated):
        KEY.verify(token, now=NOW)


@given(token=st.text(max_size=300))
def test_no_text_is_a_token(token: str) -> None:
    """Whatever comes from outside."""
    with pytest.raises(Unauthenticated):
        KEY.verify(token, now=NOW)


def test_a_token_of_another_key_is_refused() -> None:
    """Two deployments do not share viewers."""
    other = TokenKey("another-secret-of-thirty-two-characters")

    with pytest.raises(Unauthenticated):
        KEY.verify(other.sign(7, valid_s=60, now=NOW), now=NOW)


def test_something_behind_a_good_token_spoils_it() -> None:
    """The cut at the greatest length must not make a long token good."""
    token = KEY.sign(7, valid_s=60, now=NOW)
    for more in (".", "x", "." + "x" * 300, "=" * 300, "\n"):
        with pytest.raises(Unauthenticated):
            KEY.verify(token + more, now=NOW)


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that stops at the first difference would tell how much was right."""
    compared: list[tuple[Any, Any]] = []

    def noting(a: Any, b: Any) -> bool:
        compared.append((a, b))
        return original(a, b)

    original = hmac.compare_digest
    monkeypatch.setattr(tokens.hmac, "compare_digest", noting)
    token = KEY.sign(7, valid_s=60, now=NOW)
    KEY.verify(token, now=NOW)

    assert [b for _, b in compared] == [token.rpartition(".")[2].encode()]


def test_the_secret_is_not_shown() -> None:
    """Keys end up in logs."""
    assert "0123456789abcdef" not in repr(KEY)
