"""First bytes: every kind that can be understood is known, and little else."""

from __future__ import annotations

import io

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from alicorn.command.shelves.kinds import HEAD_BYTES, begins_like_a_picture

pillow_heif.register_heif_opener()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("MPO", {}),
        ("PNG", {}),
        ("GIF", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"big_tiff": True}),
        ("BMP", {}),
        ("HEIF", {}),
        ("AVIF", {}),
    ],
)
def test_every_kind_that_can_be_decoded_is_known(kind: str, options: dict[str, bool]) -> None:
    """`understanding.photos.decode` lists them."""
    written = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(written, kind, **options)

    assert begins_like_a_picture(written.getvalue()[:HEAD_BYTES])


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8",
        b"<!doctype html><script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"%PDF-1.7",
        b"MZ\x90\0",
        b"\x7fELF\x02\x01",
        b"#!/bin/sh\n",
        b"PK\x03\x04",
        b"RIFF\0\0\0\0AVI LIST",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x1cftypisom\0\0\x02\0isomiso2avc1mp41",
        b"BM, a letter that begins with two capitals",
        b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ",
        b" \xff\xd8\xff\xe0",
    ],
)
def test_what_is_no_picture_is_told_by_its_beginning(head: bytes) -> None:
    """Pages, documents, programs, archives, films, and what a Mac puts beside its files."""
    assert not begins_like_a_picture(head)


@given(head=st.binary(max_size=HEAD_BYTES))
def test_any_bytes_have_an_answer(head: bytes) -> None:
    """Nothing that somebody sends fails, and a picture begins with its signature, not before it."""
    if begins_like_a_picture(head):
        assert head[:2] in {b"\xff\xd8", b"\x89P", b"GI", b"RI", b"II", b"MM", b"BM", b"\0\0"}
