"""Names that somebody drops: whatever they are, what is kept stays below the folder."""

from __future__ import annotations

import string
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.command.shelves.naming import kept_name, numbered
from alicorn.errors import BadRequest
from understanding.photos.scan import PHOTO_SUFFIXES, scan

HOSTILE = st.text(
    st.one_of(
        st.sampled_from('/\\.:~ \0\n\r\t\x7f\u202e\u200d\u3000\ud800\U0010ffff*?"<>|$%'),
        st.sampled_from(string.ascii_letters + "é日본́"),
        st.characters(),
    ),
    max_size=400,
)
PIECES = st.sampled_from(
    ["..", ".", "", "C:", "\\\\server", "con", "NUL", "lpt1", "@eaDir", "__MACOSX", "~", " ", "a"]
)
PATHS = st.builds(
    lambda pieces, name, suffix: "/".join([*pieces, name + suffix]),
    st.lists(st.one_of(PIECES, HOSTILE), max_size=20),
    st.one_of(PIECES, HOSTILE),
    st.sampled_from([".jpg", ".JPEG", ".heic", ".png", ". png", ".jpg ", ".jpg.", ".exe", ""]),
)


@given(name=st.one_of(PATHS, HOSTILE))
def test_what_is_kept_of_any_name_is_a_plain_path_below_the_folder(name: str) -> None:
    """PS-37: nothing is written where whoever drops wants it, and everything can be found again."""
    try:
        path = kept_name(name)
    except BadRequest:
        return
    parts = path.parts

    assert not path.is_absolute()
    assert 1 <= len(parts) <= 7
    assert path.suffix.lower() in PHOTO_SUFFIXES
    for part in parts:
        assert part == part.strip()
        assert not part.startswith(".")
        assert part.isprintable()
        assert not set(part) & set('/\\:\0<>"|?*')
        assert len(part.encode("utf-8")) <= 130
    assert kept_name(str(path)) == path, "a name that was kept is kept as it is"


@given(name=PATHS)
def test_what_is_kept_can_be_written_and_is_found_by_a_scan(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A photo that was taken in and is passed over for its name would be lost."""
    try:
        path = kept_name(name)
    except BadRequest:
        return
    folder = tmp_path_factory.mktemp("dropped")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"picture")

    assert target.resolve().is_relative_to(folder.resolve())
    assert [photo.uri for photo in scan(folder).photos] == [path.as_posix()]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Holidays/IMG_1.JPG", "Holidays/IMG_1.JPG"),
        ("../../../etc/cron.d/x.jpg", "etc/cron.d/x.jpg"),
        ("/etc/x.jpg", "etc/x.jpg"),
        ("C:\\Users\\me\\x.jpg", "C_/Users/me/x.jpg"),
        ("\\\\server\\share\\x.jpg", "server/share/x.jpg"),
        ("a/./b/../c.jpg", "a/b/c.jpg"),
        (".ssh/x.jpg", "ssh/x.jpg"),
        ("@eaDir/__MACOSX/x.jpg", "_@eaDir/___MACOSX/x.jpg"),
        ("con/NUL.tar.png", "_con/_NUL.tar.png"),
        ("x\0y\n.jpg", "xy.jpg"),
        ("\u202egpj.jpg", "gpj.jpg"),
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
        ("写真/猫 1.webp", "写真/猫 1.webp"),
        ("a/b/c/d/e/f/g/h.png", "b/c/d/e/f/g/h.png"),
    ],
)
def test_what_is_readable_of_a_name_is_kept(name: str, kept: str) -> None:
    """People find their photos by folder and name."""
    assert kept_name(name).as_posix() == kept


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/", ".jpg", "...jpg", "x", "x.exe", "x.jpg.exe", "x.jpg\0.exe", "a" * 20_000],
)
def test_a_name_that_is_no_photos_is_refused(name: str) -> None:
    """With what would be one."""
    with pytest.raises(BadRequest, match="needed"):
        kept_name(name)


def test_a_long_name_is_cut_between_characters_and_keeps_its_suffix() -> None:
    """Bytes are counted, characters are cut."""
    name = kept_name("猫" * 300 + ".heic").name

    assert name == "猫" * 40 + ".heic"


def test_a_number_stands_before_the_suffix() -> None:
    """The second is "cat (2).jpg", which every gallery shows beside the first."""
    path = PurePosixPath("pets/cat.jpg")

    assert numbered(path, 1) == path
    assert numbered(path, 2) == Path("pets/cat (2).jpg")
