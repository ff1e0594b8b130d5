"""Whether a file begins like a picture: its first bytes, before anything is kept of it.

One of the formats of `understanding.photos.decode` must be there. Not the very one of the suffix:
telephones and chats name WebP and HEIC files ".jpg", and whoever decodes them goes by the bytes.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HEAD_BYTES", "begins_like_a_picture"]

HEAD_BYTES: Final = 64
"""Bytes that `begins_like_a_picture` looks at, where a file has as many."""

_HEADS: Final = re.compile(
    rb"\xff\xd8\xff"  # JPEG, and MPO
    rb"|\x89PNG\r\n\x1a\n"
    rb"|GIF8[79]a"
    rb"|RIFF.{4}WEBP"
    rb"|II[*+]\0|MM\0[*+]"  # TIFF, and BigTIFF
    rb"|BM.{4}\0{4}"  # BMP: two reserved fields of zeros follow its length
    # ISO base media: a box "ftyp" first; its brand, or one that it says to be compatible with.
    rb"|\0\0..ftyp(?:.{4})*?(?:hei[cxms]|hev[cxms]|mi[af]1|msf1|avi[fs])",
    re.DOTALL,
)


def begins_like_a_picture(head: bytes) -> bool:
    r"""Return whether ``head``, the first `HEAD_BYTES` of a file, is a picture's.

    >>> begins_like_a_picture(b"\xff\xd8\xff\xe0\0\x10JFIF")
    True
    >>> begins_like_a_picture(b"<!doctype html>")
    False
    """
    return _HEADS.match(head) is not None
