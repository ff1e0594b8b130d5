"""PACKED, the cold form: blocks of up to 128 hits, as many bits each as their widest needs.

A list is its blocks one behind the other, nothing else; where it begins, how many hits it has and
whether there is HitData stands in its entry (`encode`). A block:

    u8   bits of a gap, 0 to 32
    u8   bits of a byte, 0 to 8      } only where the list
    u8   the smallest byte           } has HitData
    the gaps, ceil(hits * bits / 8) bytes, then the bytes less the smallest, in the same way
    (`alicorn.simd.blocks`)

A gap is what lies between an id and the one before it, which is -1 at the start of the list: ids
5, 6 and 10 have gaps 5, 0 and 3, of 3 bits. With bytes 9, 9 and 10 the list is

    03 01 09 | c5 00 | 04        gaps 0b011_000_101, bytes 0b1_0_0

Gaps to the id just before, rather than to the sixteenth before as in the fastest published codes,
cost a prefix sum within the register and save a fifth of the ids' bytes. Taking off the smallest
byte saves a seventh of the HitData. A last block of few hits has its own widths and no padding.
"""

from __future__ import annotations

__all__: list[str] = []
