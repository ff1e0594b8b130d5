r"""Term dictionaries: sorted, front-coded, searched where they lie in the mapped file.

A term is the UTF-8 of ``edge:value``, and its number is its place in byte order. Byte order of
UTF-8 is code-point order, so a prefix of a word is a run of numbers. Three sections:

    terms        blocks of 16 terms: 16 bytes of heads, then what each term adds to the one before

                 The head of a block's first term is its length. Another's has two numbers of four
                 bits: how many bytes it shares with the term before it, and, lowest, how many it
                 has of its own. A number that does not fit is written as the greatest that does,
                 and the rest of it before the term's own bytes, seven bits a byte, lowest first.
                 Behind the last block come eight zeros.
    term_starts  u32, blocks + 1: where each block begins in `terms`, and the last one ends
    term_slots   u32, terms / 0.8: a hash directory with open addressing. A slot is 0, or the
                 number plus 1 in the lowest bits, as many as the count of terms needs, and the
                 lowest bits of the term's hash above them. A search begins at the slot to which
                 the upper half of the hash is scaled, and ends at an empty one.

``tag:cat``, ``tag:cathedral`` and ``tag:dog`` are one block: seven bytes; 7 shared and 6 of its
own; 4 shared and 3 of its own:

>>> sections = TermDictionary.encode([b"tag:cat", b"tag:cathedral", b"tag:dog"])
>>> sections["terms"][:16].hex(" ", 4)
'07764300 00000000 00000000 00000000'
>>> sections["terms"][16:]
b'tag:cathedraldog\x00\x00\x00\x00\x00\x00\x00\x00'
>>> terms = TermDictionary.of([b"tag:cat", b"tag:cathedral", b"tag:dog"])
>>> terms.find(b"tag:dog"), terms.find(b"tag:do"), terms.prefix_range(b"tag:cat")
(2, -1, (0, 2))

A look-up hashes, reads one slot or a few neighbours, and verifies one term: the heads of a block
lie together, so where a term's own bytes are is a sum of bytes in two registers. Nothing becomes a
Python object unless it is asked for, so an open dictionary of millions of terms weighs what is
mapped of it. Five bytes a term for the directory, a quarter for the starts, and for
numbers that lie close (``author:`` and the like) three or four for the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.errors import BadRequest
from alicorn.simd.memory import address_of
from indexserver.postings.terms.coding._kernels import (
    BLOCK,
    SLACK,
    decode_blocks,
    decoded_bytes,
    encode_terms,
    encoded_bytes,
)
from indexserver.postings.terms.lookup._kernels import (
    GROUP,
    SCRATCH,
    fill_slots,
    find_key,
    find_keys,
    find_numbers,
    lower_bound,
)

__all__ = ["FlatTerms", "TermDictionary", "flat_prefix_range", "flat_terms", "term_key"]

FlatTerms: TypeAlias = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]
"""All terms one after the other, and where each begins and the last ends: (terms + 1,)."""

_MAX_DIGITS: Final = 20
"""Decimal digits of the largest u64."""

_MAX_BYTES: Final = 2**32 - 1
"""Of the encoded terms of a segment: their blocks begin at u32."""

_PADDING: Final = bytes(SLACK)

_TERMS_OF_FIVE_SLOTS: Final = 4
"""A fuller directory would make a search for what is missing read on and on."""


def term_key(edge: str, value: str) -> bytes:
    """Return the bytes of a term: ``edge:value`` in UTF-8."""
    return f"{edge}:{value}".encode()


def flat_terms(keys: Sequence[bytes]) -> FlatTerms:
    """Return ``keys`` as one run of bytes and their offsets."""
    offsets = np.zeros(len(keys) + 1, dtype=np.uint64)
    np.cumsum([len(key) for key in keys], out=offsets[1:])
    return np.frombuffer(b"".join(keys), dtype=np.uint8), offsets


def flat_prefix_range(terms: FlatTerms, prefix: bytes) -> tuple[int, int]:
    """Return [first, end) of the ``terms``, ascending, that begin with ``prefix``."""
    blob, offsets = terms

    def key(number: int) -> bytes:
        return blob[int(offsets[number]) : int(offsets[number + 1])].tobytes()

    every = range(offsets.size - 1)
    return bisect_left(every, prefix, key=key), bisect_left(every, _after(prefix), key=key)


@dataclass(frozen=True, slots=True, eq=False)
class TermDictionary:
    """Sorted terms over mapped arrays. Immutable; any number of threads may read it."""

    terms: npt.NDArray[np.uint8]
    """The front-coded blocks."""
    starts: npt.NDArray[np.uint32]
    """Shape (blocks + 1,)."""
    slots: npt.NDArray[np.uint32]
    """Shape (at least 1,): the hash directory."""
    count: int
    """Terms."""
    _handle: npt.NDArray[np.int64] = field(init=False, repr=False)
    """What the kernels know of all this."""
    _address: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        handle = np.array(
            [
                *(address_of(array) for array in (self.terms, self.starts, self.slots)),
                self.count,
                self.slots.size,
                _number_bits(self.count),
            ],
            dtype=np.int64,
        )
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_address", address_of(handle))

    @classmethod
    def of(cls, keys: Sequence[bytes] | FlatTerms) -> TermDictionary:
        """Return the dictionary of ``keys``; see `encode`."""
        sections = cls.encode(keys)
        count = len(keys[1]) - 1 if isinstance(keys, tuple) else len(keys)
        return cls(
            np.frombuffer(sections["terms"], dtype=np.uint8),
            np.frombuffer(sections["term_starts"], dtype=np.uint32),
            np.frombuffer(sections["term_slots"], dtype=np.uint32),
            count,
        )

    @staticmethod
    def encode(keys: Sequence[bytes] | FlatTerms) -> dict[str, bytes]:
        """Return the sections of a dictionary.

        Parameters
        ----------
        keys : sequence of bytes, or FlatTerms (a tuple)
            Strictly increasing. Millions should come flat: that takes no object for each.

        Raises
        ------
        BadRequest
            If a term is not greater than the one before it, or the terms take 4 GiB or more.
        """
        blob, offsets = keys if isinstance(keys, tuple) else flat_terms(keys)
        offsets = np.ascontiguousarray(offsets, dtype=np.uint64)
        blob = _with_slack(blob)
        count = offsets.size - 1
        size = encoded_bytes(address_of(blob), address_of(offsets), count)
        if size < 0:
            raise BadRequest(
                f"terms of a dictionary must be strictly increasing, found number {-1 - size} "
                "not greater than the one before it"
            )
        if size > _MAX_BYTES:
            raise BadRequest(f"the terms of a segment take {size} bytes, needed 4 GiB at most")
        terms = np.zeros(size + SLACK, dtype=np.uint8)
        starts = np.empty(_blocks(count) + 1, dtype=np.uint32)
        encode_terms(
            address_of(blob), address_of(offsets), count, address_of(terms), address_of(starts)
        )
        slots = np.zeros(_slots(count), dtype=np.uint32)
        fill_slots(
            address_of(blob),
            address_of(offsets),
            count,
            address_of(slots),
            slots.size,
            _number_bits(count),
        )
        return {
            "terms": terms.tobytes(),
            "term_starts": starts.tobytes(),
            "term_slots": slots.tobytes(),
        }

    @staticmethod
    def sizes(count: int) -> dict[str, int]:
        """Return how many u32 the sections of ``count`` terms have whose size is known."""
        return {"term_starts": _blocks(count) + 1, "term_slots": _slots(count)}

    @staticmethod
    def blob_bytes(starts: npt.NDArray[np.uint32]) -> int:
        """Return the bytes of the terms whose blocks begin at ``starts``."""
        return int(starts[-1]) + SLACK

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> bytes:
        first = number // BLOCK
        blob, offsets = self._decoded(first, first + 1)
        at = number % BLOCK
        return blob[int(offsets[at]) : int(offsets[at + 1])].tobytes()

    def find(self, key: bytes) -> int:
        """Return the number of the term ``key``, or -1."""
        return int(find_key(self._address, _padded(key), len(key)))

    def find_many(self, keys: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """Return the number of each of ``keys``, -1 where there is none."""
        return self.find_flat(flat_terms(keys))

    def find_flat(self, keys: FlatTerms) -> npt.NDArray[np.int64]:
        """Return the number of each of ``keys``, -1 where there is none; they need no order."""
        blob, offsets = _with_slack(keys[0]), np.ascontiguousarray(keys[1], dtype=np.uint64)
        out = np.empty(offsets.size - 1, dtype=np.int64)
        scratch = np.empty(SCRATCH, dtype=np.uint8)
        find_keys(
            self._address,
            address_of(blob),
            address_of(offsets),
            out.size,
            address_of(out),
            address_of(scratch),
        )
        return out

    def find_numbers(self, edge: str, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the numbers of the terms ``edge:<number>``, -1 where there is none."""
        prefix = np.frombuffer(term_key(edge, ""), dtype=np.uint8)
        numbers = np.ascontiguousarray(numbers, dtype=np.uint64)
        out = np.empty(numbers.size, dtype=np.int64)
        scratch = np.empty(SCRATCH + GROUP * (prefix.size + _MAX_DIGITS) + SLACK, dtype=np.uint8)
        find_numbers(
            self._address,
            address_of(prefix),
            prefix.size,
            address_of(numbers),
            numbers.size,
            address_of(out),
            address_of(scratch),
        )
        return out

    def prefix_range(self, prefix: bytes) -> tuple[int, int]:
        """Return [first, end) of the terms that begin with ``prefix``, which is not empty."""
        return self._lower_bound(prefix), self._lower_bound(_after(prefix))

    def flat(self) -> FlatTerms:
        """Return every term, ascending, without an object for each."""
        blob, offsets = self._decoded(0, _blocks(self.count))
        return blob, offsets.view(np.uint64)

    def keys(self) -> list[bytes]:
        """Return every term, ascending."""
        blob, offsets = self.flat()
        text = blob.tobytes()
        return [text[a:b] for a, b in pairwise(offsets.tolist())]

    def _lower_bound(self, key: bytes) -> int:
        return int(lower_bound(self._address, _padded(key), len(key)))

    def _decoded(self, first: int, end: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        """Return the terms of blocks [first, end), and where each begins."""
        blob = np.empty(decoded_bytes(self._address, first, end), dtype=np.uint8)
        terms = max(min(end * BLOCK, self.count) - first * BLOCK, 0)
        offsets = np.empty(terms + 1, dtype=np.int64)
        decode_blocks(self._address, first, end, address_of(blob), address_of(offsets))
        return blob, offsets


def _after(prefix: bytes) -> bytes:
    """Return what is greater than all that begins with ``prefix``, and no greater than the rest."""
    # No byte of UTF-8 is 255, so the next prefix of the same length always exists.
    return prefix[:-1] + bytes([prefix[-1] + 1])


def _padded(key: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(key + _PADDING, dtype=np.uint8)


def _with_slack(blob: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return ``blob`` with the bytes behind it that kernels read."""
    return np.concatenate([blob, np.zeros(SLACK, dtype=np.uint8)])


def _blocks(count: int) -> int:
    return -(-count // BLOCK)


def _slots(count: int) -> int:
    """Return how many slots ``count`` terms have: one more at least, so that searches end."""
    return max(-(-count * 5 // _TERMS_OF_FIVE_SLOTS), 1)


def _number_bits(count: int) -> int:
    """Return how many bits of a slot hold a number plus 1."""
    return count.bit_length()
