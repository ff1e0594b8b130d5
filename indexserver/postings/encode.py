r"""Posting lists to the sections of a segment, without a Python object a list.

The *directory* says where each list lies, and holds it where it is short:

    list_bases    u64 for each 16 lists: where their group begins in `list_entries`
    list_entries  a group: 16 bytes, the size of each entry, then the entries one after the other

An entry is a number, count << 2 | kind, seven bits a byte and the lowest first, and then

    kind 0  the ids of a SHORT list, of which every HitData byte is 0
    kind 1  the ids of a SHORT list, then its HitData
    kind 2  u8 form | 4 if there is HitData;  u48 where it begins in `list_windows`;
            with HitData: u48 where that begins in `list_hits`
    kind 3  u8 0 | 4 if there is HitData;  u48 where it begins in `list_packed`

An empty list has an entry of no bytes, and what would make one of more than 255 lies elsewhere.
Ids 5, 300 and 16,390 of 100,000 documents with bytes 10, 0 and 255 are an entry of thirteen bytes,
3 << 2 | 1 first, and cost 14.5 with their shares of the group's base and sizes:

    0d | 05 00 00 | 2c 01 00 | 06 40 00 | 0a 00 ff

Lists in `list_windows` begin at multiples of eight bytes. The four sections of bytes end in 64
zeros if there is anything in them, so that a kernel may read a vector at the last number.

Which form a list takes: DENSE if some window has more than 256 hits or the list 65,536; else the
smaller of SHORT and SPARSE; PACKED if asked for and the list does not fit its entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.errors import ShapeError
from alicorn.simd.blocks import SLACK
from alicorn.simd.memory import address_of
from indexserver.postings.directory._kernels import GROUP, PLACES
from indexserver.postings.encoding._kernels import (
    plan_list,
    plan_lists,
    ram_sizes,
    write_list,
    write_lists,
)
from indexserver.postings.forms import COLUMNS_OF_A_ROW, EMPTY, Row, id_bytes, windows_of

__all__ = ["SECTIONS", "EncodedList", "encode_lists", "encode_one", "sizes_in_memory"]

SECTIONS: Final = ("list_bases", "list_entries", "list_windows", "list_hits", "list_packed")
"""Names, in the order in which they are written."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedList:
    """One list in memory, of the form that a segment would give it."""

    row: Row
    owner: npt.NDArray[np.generic]
    """What the addresses in ``row`` point into; keep it as long as they are used."""


def encode_lists(
    offsets: npt.NDArray[np.uint64],
    ids: npt.NDArray[np.uint32],
    hits: npt.NDArray[np.uint8],
    documents: int,
    *,
    packed: npt.NDArray[np.bool_] | None = None,
) -> dict[str, bytes]:
    """Return the sections of posting lists; the same lists give the same bytes.

    Parameters
    ----------
    offsets : uint64, shape (lists + 1,)
        Where each list begins in ``ids`` and ``hits``.
    ids : uint32, shape (postings,)
        Local ids, strictly increasing in each list, below ``documents``.
    hits : uint8, shape (postings,)
        HitData, beside ``ids``.
    documents : int
        Documents of the segment.
    packed : bool, shape (lists,), optional
        Which lists shall be cold. Those that fit in the directory stay there.

    Raises
    ------
    ShapeError
        If the arrays do not fit together.
    """
    arrays = _encoded(offsets, ids, hits, documents, packed)
    return {name: array.tobytes() for name, array in zip(SECTIONS, arrays, strict=True)}


def encode_one(
    ids: npt.NDArray[np.uint32], hits: npt.NDArray[np.uint8], documents: int
) -> EncodedList:
    """Return one list as a kernel reads it: for lists that were changed in memory.

    Parameters are those of `encode_lists`.
    """
    ids = np.ascontiguousarray(ids, dtype=np.uint32)
    hits = np.ascontiguousarray(hits, dtype=np.uint8)
    shape = ids.size, documents, windows_of(documents), id_bytes(documents)
    row = np.zeros(COLUMNS_OF_A_ROW, dtype=np.int64)
    ids_at, hits_at = address_of(ids), address_of(hits)
    form, body, bytes_behind = plan_list(ids_at, hits_at, *shape)
    if form == EMPTY:
        return EncodedList(row, row)
    # Eight bytes at a time, so that a body begins at a multiple of eight.
    memory = np.empty((body + bytes_behind + SLACK + 7) // 8, dtype=np.uint64)
    memory[-SLACK // 8 :] = 0
    write_list(form, ids_at, hits_at, *shape, address_of(memory), address_of(row))
    return EncodedList(row, memory)


def sizes_in_memory(
    offsets: npt.NDArray[np.uint64],
    ids: npt.NDArray[np.uint32],
    hits: npt.NDArray[np.uint8],
    documents: int,
) -> npt.NDArray[np.int64]:
    """Return the bytes, shape (lists,), that packing each list would take out of memory.

    0 for lists that stand in the directory, which are never packed. Parameters are those of
    `encode_lists`.
    """
    offsets, ids, hits = _checked(offsets, ids, hits)
    out = np.zeros(offsets.size - 1, dtype=np.int64)
    ram_sizes(
        address_of(offsets), out.size, address_of(ids), address_of(hits),
        documents, windows_of(documents), id_bytes(documents), address_of(out),
    )  # fmt: skip
    return out


def places_of(
    arrays: tuple[npt.NDArray[np.uint8], ...], documents: int, lists: int
) -> npt.NDArray[np.int64]:
    """Return what kernels call ``places``, for the five sections and an array of zeros."""
    places = np.zeros(PLACES, dtype=np.int64)
    places[:6] = [address_of(array) for array in arrays]
    places[6:10] = documents, windows_of(documents), id_bytes(documents), lists
    places[10] = places[4] + max(arrays[4].size - SLACK, 0)
    return places


def _checked(
    offsets: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint32], hits: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return the arrays contiguous and of their types; kernels read them by address."""
    if ids.size != hits.size or not offsets.size or int(offsets[-1]) != ids.size:
        raise ShapeError(
            f"offsets, ids and hits do not fit together: found {ids.size} ids, {hits.size} hits "
            f"and offsets that end at {int(offsets[-1]) if offsets.size else None}"
        )
    if int(offsets[0]) != 0 or np.any(offsets[1:] < offsets[:-1]):
        raise ShapeError("offsets of lists must begin at 0 and never fall")
    return (
        np.ascontiguousarray(offsets, dtype=np.uint64),
        np.ascontiguousarray(ids, dtype=np.uint32),
        np.ascontiguousarray(hits, dtype=np.uint8),
    )


def _encoded(
    offsets: npt.NDArray[np.uint64],
    ids: npt.NDArray[np.uint32],
    hits: npt.NDArray[np.uint8],
    documents: int,
    packed: npt.NDArray[np.bool_] | None,
) -> tuple[npt.NDArray[np.uint8], ...]:
    """Return the five sections of `encode_lists` as arrays."""
    offsets, ids, hits = _checked(offsets, ids, hits)
    lists = offsets.size - 1
    if packed is not None and packed.shape != (lists,):
        raise ShapeError(f"packed must say of each list: found {packed.shape}, needed ({lists},)")
    if ids.size and int(ids.max()) >= documents:
        raise ShapeError(f"found local id {int(ids.max())}, needed one below {documents}")
    cold = None if packed is None else np.ascontiguousarray(packed, dtype=np.uint8)
    flags = np.empty(lists, dtype=np.uint8)
    totals = np.zeros(4, dtype=np.int64)
    plan_lists(
        address_of(offsets), lists, address_of(ids), address_of(hits),
        documents, windows_of(documents), id_bytes(documents),
        0 if cold is None else address_of(cold), address_of(flags), address_of(totals),
    )  # fmt: skip
    bases = np.empty(8 * -(-lists // GROUP), dtype=np.uint8)
    bodies = tuple(_with_slack(int(size)) for size in totals)
    arrays = (bases, *bodies)
    places = places_of((*arrays, flags), documents, lists)
    write_lists(
        address_of(offsets), lists, address_of(ids), address_of(hits),
        address_of(flags), address_of(places),
    )  # fmt: skip
    return arrays


def _with_slack(size: int) -> npt.NDArray[np.uint8]:
    """Return ``size`` bytes to be written and zeros behind them, or nothing at all."""
    array = np.empty(size + SLACK if size else 0, dtype=np.uint8)
    array[size:] = 0
    return array
