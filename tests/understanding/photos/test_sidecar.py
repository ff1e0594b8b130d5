"""`shelf.toml`: owners, audiences and captions, and a clear word for each mistake."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Place
from alicorn.documents.model import static_rank
from alicorn.errors import ConfigError
from understanding.photos.sidecar import Shelf, ShelfPerson, load_shelf, parse_shelf

PEOPLE = """
[[people]]
id = 2
name = "Ada"
[[people]]
id = 5
name = "Ben"
[[friendships]]
between = [5, 2]
"""


def test_a_folder_without_a_shelf_belongs_to_me_alone(tmp_path: Path) -> None:
    """Privacy: nothing may be seen by anybody because somebody did not write a file."""
    shelf = load_shelf(tmp_path)
    document = shelf.describe(PhotoDocument(), "2024/beach/a.jpg")

    assert shelf.people == (ShelfPerson(1, "Me"),)
    assert (document.author, document.audience) == (1, Audience(AudienceKind.ONLY_ME))
    assert (document.uri, document.album) == ("2024/beach/a.jpg", "2024/beach")
    assert document.caption == ""
    assert shelf.describe(PhotoDocument(), "a.jpg").album == ""


def test_everything_that_can_be_said_is_read() -> None:
    """The sample shelf and every test of privacy stand on this file."""
    shelf = parse_shelf(
        PEOPLE
        + """
[photos."x/a.jpg"]
owner = 5
audience = "list"
members = [2]
caption = "Finally warm"
taken_at = "2024-05-01T10:00:00"
tagged = [5, 2]
album = "Beach"
place = "Paris"
[photos."b.jpg"]
taken_at = 2024-05-01T10:00:00
audience = "public"
"""
    )

    assert shelf.people == (ShelfPerson(2, "Ada"), ShelfPerson(5, "Ben"))
    assert shelf.friendships == ((2, 5),)
    described = shelf.describe(PhotoDocument(content_hash=b"h", taken_at=7, width=3), "x/a.jpg")
    assert described.place is not None
    assert described == PhotoDocument(
        content_hash=b"h",
        width=3,
        uri="x/a.jpg",
        author=5,
        audience=Audience(AudienceKind.LIST, (2,)),
        caption="Finally warm",
        taken_at=1_714_557_600,
        sort_key=static_rank(1_714_557_600),
        tagged=(2, 5),
        album="Beach",
        place=described.place,
    )
    assert (described.place.name, described.place.country) == ("Paris", "FR")
    assert shelf.entry("b.jpg").taken_at == 1_714_557_600
    assert shelf.entry("b.jpg").owner == 2


def test_what_the_shelf_leaves_open_stays_as_the_camera_said() -> None:
    """An entry for the caption must not erase the time or the place."""
    shelf = parse_shelf('[photos."a.jpg"]\ncaption = "x"')
    place = Place(1, "Rome", "IT", 41.9, 12.5)

    described = shelf.describe(PhotoDocument(taken_at=99, place=place), "a.jpg")

    assert (described.taken_at, described.place) == (99, place)
    assert described.sort_key == static_rank(99)


def test_the_digest_changes_with_what_is_said_and_where() -> None:
    """A narrowed audience must be noticed although the picture has not changed."""
    public = parse_shelf('[photos."a.jpg"]\naudience = "public"')
    private = parse_shelf('[photos."a.jpg"]\naudience = "only-me"')

    assert public.digest("a.jpg") != private.digest("a.jpg")
    assert private.digest("a.jpg") == Shelf().digest("a.jpg")
    assert private.digest("b/a.jpg") != private.digest("a.jpg")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("people = 3", "people must be a list of tables"),
        ("[[people]]\nid = 0\nname = 'x'", "id must be in 1..9223372036854775807, got 0"),
        ("[[people]]\nid = '1'\nname = 'x'", "id must be a whole number, got '1'"),
        ("[[people]]\nid = true\nname = 'x'", "id must be a whole number, got True"),
        ("[[people]]\nid = 1", "name of 1 must be text, got None"),
        ("[[people]]\nid = 1\nname = ' '", "person 1 needs a name"),
        ("[[people]]\nid = 1\nname = 'x'\nage = 3", r"unknown \['age'\], known are \['id', 'name'"),
        (PEOPLE + "[[people]]\nid = 2\nname = 'x'", "id 2 is given twice"),
        (PEOPLE + "[[friendships]]\nbetween = [2, 3]", r"\[3\] are not among the people \[2, 5\]"),
        (PEOPLE + "[[friendships]]\nbetween = [2, 2]", r"between needs two people, got \[2\]"),
        ("friends = 1", r"unknown \['friends'\]"),
        ("photos = 1", "photos must be tables"),
        ("[photos]\n'a.jpg' = 1", 'photos."a.jpg" must be a table, got int'),
        ("[photos.'a.jpg']\ncolour = 1", r"unknown \['colour'\]"),
        ("[photos.'a.jpg']\nowner = 9", r"owner 9 is not among the people \[1\]"),
        ("[photos.'a.jpg']\naudience = 'all'", "audience must be one of .*, got 'all'"),
        ("[photos.'a.jpg']\nmembers = [1]", 'members need audience "list"'),
        ("[photos.'a.jpg']\ncaption = 3", "caption must be text, got 3"),
        (f"[photos.'a.jpg']\ncaption = '{'x' * 2001}'", "2001 characters, at most 2000"),
        ("[photos.'a.jpg']\ntaken_at = 'May'", "must be a local time like .*, got May"),
        ("[photos.'a.jpg']\ntaken_at = 2024-05-01T10:00:00Z", "must be a local time like"),
        ("[photos.'a.jpg']\ntagged = 1", "tagged must be a list of people"),
        (
            "[photos.'a.jpg']\nplace = 'Nowhere at all'",
            "must be a city like .*, got 'Nowhere at all'",
        ),
        ("[photos.'../a.jpg']", r"a path below the folder, got '\.\./a\.jpg'"),
        ("[photos.'/a.jpg']", "a path below the folder"),
        ("[photos.'./a.jpg']", "a path below the folder"),
        ("not toml", "not TOML"),
        ("photos = " + "[" * 100_000, "not TOML"),
        ("[[people]]\nid = " + "9" * 5_000, "not TOML"),
    ],
)
def test_each_mistake_is_named(text: str, message: str) -> None:
    """A shelf decides who sees what: a mistake in it is an error, never a guess."""
    with pytest.raises(ConfigError, match=f"shelf.toml: .*{message}"):
        parse_shelf(text)


def test_a_shelf_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Going on without it would hand its photos to the default owner."""
    (tmp_path / "shelf.toml").mkdir()
    with pytest.raises(ConfigError, match=r"shelf\.toml cannot be read"):
        load_shelf(tmp_path)

    (tmp_path / "shelf.toml").rmdir()
    (tmp_path / "shelf.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"shelf\.toml cannot be read"):
        load_shelf(tmp_path)


def test_a_pipe_called_like_a_shelf_holds_nobody_up(tmp_path: Path) -> None:
    """Opening one waits for somebody who writes, for ever."""
    os.mkfifo(tmp_path / "shelf.toml")

    with pytest.raises(ConfigError, match="cannot be read: not a regular file"):
        load_shelf(tmp_path)


def test_a_shelf_out_of_all_proportion_is_not_read(tmp_path: Path) -> None:
    """Memory is not for whoever may put a file into the folder."""
    with (tmp_path / "shelf.toml").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(ConfigError, match="cannot be read: 1099511627776 bytes, at most"):
        load_shelf(tmp_path)
