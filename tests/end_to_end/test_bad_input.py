"""Pictures and questions that nobody should have to send: told clearly, and nothing is damaged."""

from __future__ import annotations

import os
import random
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from alicorn.command.library import Library

if TYPE_CHECKING:
    from conftest import Answer, Home

# ---------------------------------------------------------------- pictures


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * height, 9)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            *chunks,
            _chunk(b"IDAT", rows),
            _chunk(b"IEND", b""),
        ]
    )


def _bomb() -> bytes:
    """Return a small PNG whose text expands to 200 MB."""
    text = zlib.compressobj(9)
    packed = b"".join(text.compress(b"\0" * 2_000_000) for _ in range(100)) + text.flush()
    return _png(8, 8, _chunk(b"zTXt", b"Comment\0\0" + packed))


_GOOD = ("good.jpg", "[red]brackets\nand a newline.jpg", "n" * 251 + ".jpg")


@pytest.fixture(scope="module")
def folder(shelf: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of three good pictures and everything that is none."""
    folder = tmp_path_factory.mktemp("horrors")
    with Image.open(shelf.photos / "chelsea.png") as opened:
        cat = opened.convert("RGB")
    for number, name in enumerate(_GOOD):
        cat.save(folder / name, "JPEG", quality=90 - number)
    good = (folder / "good.jpg").read_bytes()
    noise = random.Random(7).randbytes(20_000)
    (folder / "corrupt.jpg").write_bytes(good[:200] + noise)
    (folder / "cut.png").write_bytes((shelf.photos / "chelsea.png").read_bytes()[:5_000])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.png").write_text("not a picture", "utf-8")
    (folder / "hundred-megapixels.png").write_bytes(_png(10_000, 10_000))
    (folder / "bomb.png").write_bytes(_bomb())
    (folder / "folder.jpg").mkdir()
    os.mkfifo(folder / "pipe.jpg")
    (folder / "dangling.jpg").symlink_to(folder / "gone.jpg")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    (folder / "again").symlink_to(folder)
    (folder / os.fsdecode(b"caf\xe9.jpg")).write_bytes(good)
    (folder / "forbidden.jpg").write_bytes(good + b"\0")
    (folder / "forbidden.jpg").chmod(0)
    return folder


@pytest.fixture(scope="module")
def horrors_home(tmp_path_factory: pytest.TempPathFactory, shelf_home: Home) -> Home:
    """Give the home in which the folder is indexed once."""
    return type(shelf_home)(tmp_path_factory.mktemp("home"), shelf_home.models)


@pytest.fixture(scope="module")
def indexed(horrors_home: Home, folder: Path) -> Answer:
    """`alicorn index` of that folder."""
    return horrors_home.alicorn("index", "--photos", folder, "--json")


@pytest.fixture(scope="module")
def failed(indexed: Answer) -> dict[str, str]:
    """Give the reason of each file that could not be understood."""
    return {failure["uri"]: failure["reason"] for failure in indexed.document["failed"]}


def test_bad_pictures_stop_nothing(indexed: Answer, horrors_home: Home) -> None:
    """One broken file among ten thousand must not cost the others."""
    found = horrors_home.alicorn("search", "cat", "--no-folding", "--no-cutoff", "--json")
    uris = {p["uri"] for module in found.document["modules"] for p in module["photos"]}

    assert indexed.status == 0, indexed.err
    assert set(_GOOD) <= uris


def test_the_count_adds_up(indexed: Answer, failed: dict[str, str]) -> None:
    """Found is understood, known or failed: no file is lost between them."""
    document = indexed.document

    assert document["understood"] + document["known"] + len(failed) == document["found"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("corrupt.jpg", "damaged"),
        ("cut.png", "damaged"),
        ("empty.jpg", "empty"),
        ("text.png", "not a picture"),
        ("hundred-megapixels.png", "100.0 megapixels, at most 80.0 are decoded"),
        ("bomb.png", ""),
    ],
)
def test_each_bad_picture_is_named_with_its_reason(
    failed: dict[str, str], name: str, reason: str
) -> None:
    """People go and look: which file, and what about it."""
    assert name in failed
    assert reason in failed[name]
    assert failed[name]


def test_what_is_no_file_is_passed_over(indexed: Answer, failed: dict[str, str]) -> None:
    """A pipe would block for ever, a loop would never end, a dangling link is nothing."""
    told = [*failed, *indexed.document["removed"]]

    assert not {"folder.jpg", "pipe.jpg", "dangling.jpg", "loop.jpg"} & set(told)
    assert not [uri for uri in told if uri.startswith("again")]


def test_a_name_that_is_no_text_is_counted_and_left_out(indexed: Answer) -> None:
    """Old archives are full of Latin-1: such a name fits into no log, page or answer (bytes e9)."""
    assert indexed.document["left_out"] == 1
    assert "1 photos are left out, for their names are not UTF-8" in indexed.said


def test_bad_pictures_are_not_tried_again_until_they_change(
    horrors_home: Home, folder: Path, indexed: Answer, failed: dict[str, str]
) -> None:
    """A start must not pay for yesterday's failures, but a repaired file is looked at."""
    again = horrors_home.alicorn("index", "--photos", folder, "--json")
    shutil.copy(folder / "good.jpg", folder / "empty.jpg")
    repaired = horrors_home.alicorn("index", "--photos", folder, "--json")

    assert again.document["understood"] == 0
    assert {f["uri"]: f["reason"] for f in again.document["failed"]} == failed
    assert "empty.jpg" not in {f["uri"] for f in repaired.document["failed"]}


@pytest.fixture
def without_privilege(tmp_path: Path) -> list[str]:
    """Give what makes a command obey file permissions even for root."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and setpriv is not here")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def test_an_unreadable_file_is_named(
    home: Home, folder: Path, without_privilege: list[str], tmp_path: Path
) -> None:
    """Permission denied is a reason like any other, and goes when the file is readable."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    shutil.copy(folder / "good.jpg", pictures / "mine.jpg")
    (pictures / "mine.jpg").chmod(0)
    before = home.alicorn(
        "index", "--photos", pictures, "--json", wrapped_in=tuple(without_privilege)
    )
    (pictures / "mine.jpg").chmod(0o600)
    after = home.alicorn("index", "--photos", pictures, "--json")

    assert before.status == 0
    assert [f["uri"] for f in before.document["failed"]] == ["mine.jpg"]
    assert "permission denied" in before.document["failed"][0]["reason"]
    assert after.document["understood"] == 1


def test_a_folder_that_vanished_removes_nothing(home: Home, folder: Path, tmp_path: Path) -> None:
    """An unplugged disk must not look like a folder from which everything was deleted."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    shutil.copy(folder / "good.jpg", pictures)
    library = tmp_path / "library"
    home.alicorn("index", "--photos", pictures, "--library", library)
    pictures.rename(tmp_path / "elsewhere")
    answer = home.alicorn("index", "--library", library)
    found = home.alicorn("search", "cat", "--library", library, "--json").document

    assert answer.status == 2
    assert f"photo folder {pictures} cannot be listed" in answer.said
    assert found["modules"][0]["photos"][0]["uri"] == "good.jpg"


def test_a_folder_whose_path_is_no_text_is_refused(home: Home) -> None:
    """Its library could not be described, its pages not be titled."""
    (home.path / os.fsdecode(b"bilder-\xfc")).mkdir()
    answer = home.alicorn("index", "--photos", os.fsdecode(b"bilder-\xfc"))

    assert answer.status == 2
    assert "needed a path in UTF-8" in answer.said
    assert "Traceback" not in answer.err


# ---------------------------------------------------------------- questions


@pytest.fixture(scope="module")
def ask(shelf_home: Home, shelf: Library) -> Callable[..., Answer]:
    """Search the sample shelf."""

    def asked(*typed: str) -> Answer:
        return shelf_home.alicorn("search", "--library", shelf.path, *typed)

    return asked


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("   ", "found an empty query, needed at least one word"),
        ("", "found an empty query, needed at least one word"),
        ("cat " * 2_500, "found a query of 10,000 characters, needed at most 1,000"),
        ("🦄🦄", "found no word in '🦄🦄', needed at least one"),
        (os.fsdecode(b"caf\xe9"), "found 'caf\\udce9', needed text in UTF-8"),
    ],
    ids=["blanks", "nothing", "10,000 characters", "emoji", "bytes that are no text"],
)
def test_a_bad_query_is_refused_in_words(ask: Callable[..., Answer], query: str, told: str) -> None:
    """What was found, what was needed; exit status 2, nothing on stdout."""
    answer = ask(query, "--json")

    assert (answer.status, answer.out) == (2, "")
    assert told in answer.said
    assert "Traceback" not in answer.err


def test_an_emoji_that_pictures_a_concept_finds_it(ask: Callable[..., Answer]) -> None:
    """On a phone that is how one says cat."""
    answer = ask("🐈", "--json")

    assert answer.status == 0
    assert answer.document["modules"][0]["photos"][0]["uri"].startswith("chelsea")


def test_a_malformed_expression_names_its_column(ask: Callable[..., Answer]) -> None:
    """PS-32: the place, what was expected there, what was found."""
    answer = ask("--expression", "(and tag:cat")

    assert answer.status == 2
    assert "column 13: expected an operand" in answer.said


def test_an_unknown_edge_names_its_near_misses(ask: Callable[..., Answer]) -> None:
    """A spelling mistake in an edge must not be an empty answer."""
    answer = ask("--expression", "tga:cat")

    assert answer.status == 2
    assert "tag" in answer.said


def test_an_operator_that_is_not_served_yet_is_named(ask: Callable[..., Answer]) -> None:
    """The grammar is whole, the shard is not: UNIMPLEMENTED by name, never a wrong answer."""
    answer = ask("--expression", "(apply author: tag:cat)")

    assert answer.status == 2
    assert "apply" in answer.said


def test_an_unknown_viewer_is_refused(ask: Callable[..., Answer]) -> None:
    """Nobody is served as somebody who does not exist (PS-37)."""
    answer = ask("cat", "--viewer", "4711")

    assert (answer.status, answer.out) == (2, "")
    assert "viewer must be a known person, got 4711" in answer.said


def test_a_limit_out_of_range_is_refused(ask: Callable[..., Answer]) -> None:
    """One request must not ask for everything."""
    answer = ask("cat", "--limit", "100000")

    assert answer.status == 2
    assert "limit must be in 1..500, got 100000" in answer.said


def test_a_library_that_is_not_there_names_the_command_that_makes_one(home: Home) -> None:
    """The next step is in the message."""
    answer = home.alicorn("search", "cat", "--library", home.path / "nothing")

    assert answer.status == 2
    assert "make one: alicorn index --photos DIR --library" in answer.said


def test_a_server_that_is_not_there_is_unavailable(home: Home) -> None:
    """Nobody answers: try again later, or elsewhere."""
    answer = home.alicorn("search", "cat", "--server", "127.0.0.1:1")

    assert answer.status == 4
    assert "127.0.0.1:1" in answer.said


def test_a_library_and_a_server_are_one_too_many(home: Home) -> None:
    """Guessing which was meant would answer from the wrong one."""
    answer = home.alicorn("search", "cat", "--server", "127.0.0.1:1", "--library", ".")

    assert answer.status == 2
    assert "found --library and --server, needed one of them" in answer.said


@pytest.fixture(scope="module")
def page(shelf: Library, shelf_home: Home) -> Iterator[Any]:
    """Serve the sample shelf's page."""
    with shelf_home.up("--library", shelf.path, "--no-index") as served:
        served.wait_for_answers()
        yield served


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/api/search?q=%20%20", 400, "q must hold at least one word"),
        ("/api/search?q=" + "a" * 10_000, 400, "10,000 characters"),
        ("/api/search?q=%F0%9F%A6%84", 400, "no word"),
        ("/api/search?q=cat&viewer=4711", 404, "4711"),
        ("/api/search?q=%ff%fe", 400, "no word"),
        ("/api/search?q=(and&as=expression", 400, "column 5"),
        ("/api/search?q=(apply+author:+tag:cat)&as=expression", 501, "apply"),
        ("/search?q=" + "%F0%9F%90%88" * 10_000, 400, "10,000"),
    ],
)
def test_the_page_refuses_what_the_command_refuses(
    page: Any, path: str, status: int, told: str
) -> None:
    """The same words over HTTP, with the status that says whose fault it is."""
    code, body = page.get(path)

    assert code == status
    assert told in body
