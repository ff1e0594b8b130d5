r"""The outer form of a segment: named sections behind a table, each with its checksum.

Little-endian throughout; every section begins at a multiple of 64 bytes, so that its array can be
used where it lies in the mapped file.

    +------------------------------------------------------------------+
    | head    "ALICSEG\0"   u32 format  u32 sections  u64 file length   |  24 bytes
    | table   name[24]  u64 offset  u64 length  u64 xxh64, each section |  48 bytes each
    | zeros to 8 bytes short of a multiple of 64                        |
    | u64     xxh64 of everything above                                 |
    +------------------------------------------------------------------+
    | section 0, zeros to a multiple of 64 | section 1, zeros | ...     |
    +------------------------------------------------------------------+

A section's checksum covers its padding too, and the table's covers the head, so there is no byte
in the file that may change unseen. With two sections of 3 and 70 bytes the table ends at
24 + 96 = 120, which is exactly 8 short of 128: the hash stands at 120, section 0 at 128, section 1
at 192, and the file has 320 bytes.

Format version 0 may change freely until release 0.1.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

import xxhash

from alicorn.errors import CorruptIndex

__all__ = ["FORMAT", "MAGIC", "pack_sections", "unpack_sections"]

MAGIC: Final = b"ALICSEG\0"
FORMAT: Final = 0
"""Format version that is written; older ones stay readable from release 0.1 on."""

_ALIGN: Final = 64
_HEAD: Final = struct.Struct("<8sIIQ")
_ENTRY: Final = struct.Struct("<24sQQQ")
_HASH: Final = struct.Struct("<Q")


def pack_sections(sections: Mapping[str, bytes | memoryview]) -> bytes:
    """Return a segment's bytes with ``sections`` in the order given.

    Names are ASCII of at most 24 characters.
    """
    start = _head_bytes(len(sections))
    table, body, at = [], [], start
    for name, content in sections.items():
        padded = bytes(content) + b"\0" * (-len(content) % _ALIGN)
        digest = xxhash.xxh64_intdigest(padded)
        table.append(_ENTRY.pack(name.encode("ascii"), at, len(content), digest))
        body.append(padded)
        at += len(padded)
    head = _HEAD.pack(MAGIC, FORMAT, len(sections), at) + b"".join(table)
    head = head.ljust(start - _HASH.size, b"\0")
    return b"".join([head, _HASH.pack(xxhash.xxh64_intdigest(head)), *body])


def unpack_sections(data: memoryview, name: str) -> dict[str, memoryview]:
    """Return the sections of a segment, every byte of it verified.

    Parameters
    ----------
    data : memoryview of bytes
    name : str
        What to call the file in messages.

    Raises
    ------
    CorruptIndex
        If a byte is not the one that was written, or some are missing; names file and section.
    """
    if len(data) < _HEAD.size:
        raise CorruptIndex(
            f"{name}: section 'head' is cut off: found {len(data)} bytes, needed {_HEAD.size}"
        )
    magic, version, count, length = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise CorruptIndex(f"{name}: section 'head': found no segment, needed {MAGIC!r}")
    start = _head_bytes(count)
    if len(data) < start:
        raise CorruptIndex(
            f"{name}: section 'head' is cut off: found {len(data)} bytes, needed {start}"
        )
    head = data[: start - _HASH.size]
    if _HASH.unpack_from(data, len(head))[0] != xxhash.xxh64_intdigest(head):
        raise CorruptIndex(f"{name}: section 'head' has another checksum than was written")
    if version != FORMAT:
        raise CorruptIndex(
            f"{name}: section 'head': found format version {version}, needed {FORMAT}"
        )
    sections = {}
    for i in range(count):
        raw, offset, size, digest = _ENTRY.unpack_from(data, _HEAD.size + i * _ENTRY.size)
        section = raw.rstrip(b"\0").decode("ascii")
        end = offset + size + -size % _ALIGN
        if end > len(data):
            raise CorruptIndex(
                f"{name}: section '{section}' is cut off: found {len(data)} bytes, needed {end}"
            )
        if xxhash.xxh64_intdigest(data[offset:end]) != digest:
            raise CorruptIndex(f"{name}: section '{section}' has another checksum than was written")
        sections[section] = data[offset : offset + size]
    if length != len(data):
        raise CorruptIndex(f"{name}: found {len(data)} bytes, needed {length} (section 'end')")
    return sections


def _head_bytes(sections: int) -> int:
    """Bytes before the first section."""
    size = _HEAD.size + sections * _ENTRY.size + _HASH.size
    return size + -size % _ALIGN
