"""JSON files that carry a checksum over what they say, so that a changed byte is noticed.

    {"format": 0, "sequence": 812, ..., "xxh64": "<of the rest, keys sorted>"}

The manifest of a shard and the text statistics are such files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import xxhash

from alicorn.errors import CorruptData

__all__ = ["dump_checked", "load_checked"]

_DIGEST: Final = "xxh64"


def dump_checked(content: Mapping[str, Any]) -> bytes:
    """Return ``content`` as JSON with its checksum; the same content gives the same bytes."""
    return _dump({**content, _DIGEST: xxhash.xxh64_hexdigest(_dump(content))})


def load_checked(
    data: bytes, name: str, *, version: int, corrupt: type[CorruptData] = CorruptData
) -> dict[str, Any]:
    """Return the content that `dump_checked` wrote.

    Parameters
    ----------
    name : str
        What to call the file in messages.
    version : int
        What its ``format`` must be.
    corrupt : type
        The error to raise.

    Raises
    ------
    CorruptData
        If it is no such JSON, not as it was written, or of another format.
    """
    try:
        content = json.loads(data)
    except ValueError as error:
        raise corrupt(f"{name}: not JSON: {error}") from None
    if not isinstance(content, dict) or _DIGEST not in content:
        raise corrupt(f"{name}: found no checksum, needed '{_DIGEST}'")
    if content.pop(_DIGEST) != xxhash.xxh64_hexdigest(_dump(content)):
        raise corrupt(f"{name}: has another checksum than was written")
    if content.get("format") != version:
        raise corrupt(f"{name}: found format {content.get('format')}, needed {version}")
    return content


def _dump(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
