"""Ids as addresses write them: decimal numbers of people and photos."""

from __future__ import annotations

from typing import Final

__all__ = ["parse_id"]

# 2**64 - 1 has twenty digits; longer text is refused before it is converted.
_MAX_DIGITS: Final = 20
_MAX_ID: Final = 2**64 - 1


def parse_id(text: str) -> int | None:
    """Return the id written in ``text``; None if it is not a number in [0, 2^64).

    >>> parse_id("42"), parse_id("-1"), parse_id("٣"), parse_id(str(2**64))
    (42, None, None, None)
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        return None
    number = int(text)
    return number if number <= _MAX_ID else None
