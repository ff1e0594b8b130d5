"""One server, several shelves: what the page can open, drop, stop and end, over HTTP."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Home, Served

Pictures = Callable[[int], Path]
Until = Callable[..., Any]

SECRET = "s" * 32


class _Led(urllib.request.HTTPRedirectHandler):
    """Where a page leads to is not looked at."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_BROWSER = urllib.request.build_opener(_Led)


def _post(
    served: Served,
    path: str,
    *,
    body: bytes = b"",
    origin: bool = True,
    **headers: str,
) -> int:
    """Send a request as a page of ours does, or another's; return its status."""
    if origin:
        headers["Sec-Fetch-Site"] = "same-origin"
    request = urllib.request.Request(served.address + path, body, headers, method="POST")
    try:
        with _BROWSER.open(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def _shelves(served: Served) -> dict[str, Any]:
    code, body = served.get("/api/shelves")
    return {shelf["key"]: shelf for shelf in json.loads(body)["shelves"]} if code == 200 else {}


def _open(served: Served, until: Until, key: str) -> None:
    assert _post(served, f"/shelves/{key}") == 303
    until(lambda: _shelves(served)[key]["state"] == "open", timeout_s=60)


@pytest.fixture
def with_pictures_folder(home: Home, pictures: Pictures) -> Path:
    """Give somebody's pictures folder, as a German desktop has it, with two pictures."""
    folder = home.path / "Bilder"
    shutil.move(pictures(2), folder)
    (home.path / ".config").mkdir()
    (home.path / ".config" / "user-dirs.dirs").write_text('XDG_PICTURES_DIR="$HOME/Bilder"\n')
    return folder


def test_the_page_opens_the_pictures_folder_when_asked_and_takes_photos_in(
    home: Home, with_pictures_folder: Path, until: Until
) -> None:
    """PS-05: the page is the importer; commands that are typed meanwhile follow the shelf."""
    mine = home.path / "mine"
    mine.mkdir()
    with home.up("--photos", mine, XDG_CONFIG_HOME=str(home.path / ".config")) as served:
        offers = until(lambda: (got := _shelves(served)) and "pictures" in got and got)
        libraries = home.path / "data/alicorn/libraries"
        made_unasked = [path.name for path in libraries.iterdir() if "Bilder" in path.name]
        _open(served, until, "pictures")
        until(lambda: served.uris("cat") == ["000.jpg"], timeout_s=60)
        typed = home.alicorn("search", "cat", "--json").document
        note = json.loads((home.path / "state/alicorn/state.json").read_text())["running"]
        picture = (with_pictures_folder / "000.jpg").read_bytes()
        name = urllib.parse.quote("../../Ferien/Mieze.jpg")
        dropped = _post(served, "/api/drop", body=picture, **{"X-Alicorn-Name": name})
        until(lambda: served.uris("cat") == ["Ferien/Mieze.jpg"], timeout_s=60)
        _open(served, until, "folder")

        assert offers["pictures"]["photos"] == 2
        assert not made_unasked, "nothing is read before somebody asks for it"
        assert typed["modules"][0]["photos"][0]["uri"] == "000.jpg"
        assert "Bilder" in note["library"]
        assert dropped == 201
        assert (home.path / "data/alicorn/dropped/photos/Ferien/Mieze.jpg").read_bytes() == picture
        assert served.uris("cat") == []
        assert not list(mine.iterdir())
        assert served.stop() == 0
        assert "Dropped photos is open" in served.err


def test_a_world_is_served_by_its_folder_with_all_that_can_be_tried_on_it(
    home: Home, until: Until
) -> None:
    """PS-37, PS-41: stop a shard, and the answer says so; unfriend, and the photos are gone."""
    world = home.path / "world"
    made = home.alicorn("world", world, *_of(people=60, photos=300, seed=3))
    assert made.status == 0, made.err
    with home.up("--library", world) as served:
        until(lambda: served.get("/")[0] == 200, timeout_s=60)
        everything = until(lambda: _answer(served, 1))
        assert _post(served, "/shards/0/stop") == 303
        less = _answer(served, 1)
        assert _post(served, "/shards/0/start") == 303
        whole = _answer(served, 1)
        friend = next(p["author"] for p in _photos(whole) if _by_friendship(p))

        assert everything["coverage"]["answered"] == everything["coverage"]["shards"] == 4
        assert less["coverage"]["answered"] == 3
        assert _ids(less) < _ids(everything) == _ids(whole)
        ended = urllib.parse.urlencode({"viewer": 1}).encode()
        assert _post(served, f"/friends/{friend}/end", body=ended) == 303
        after = [p for p in _photos(_answer(served, 1)) if p["author"] == friend]
        assert not [p for p in after if _by_friendship(p)]
        assert served.stop() == 0


def _of(**parameters: int) -> list[str]:
    return [text for name, value in parameters.items() for text in (f"--{name}", str(value))]


def _answer(served: Served, viewer: int) -> dict[str, Any]:
    code, body = served.get(f"/api/search?q=(all)&as=expression&limit=500&viewer={viewer}")
    assert code == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def _photos(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [photo for module in answer["modules"] for photo in module["photos"]]


def _ids(answer: dict[str, Any]) -> set[int]:
    """Return what was found, near-copies that stand behind another counted."""
    photos = _photos(answer)
    return {p["id"] for p in photos} | {copy["id"] for p in photos for copy in p["similar"]}


def _by_friendship(photo: dict[str, Any]) -> bool:
    return any(why.endswith("is your friend") for why in photo["why"])


def test_other_sites_can_change_nothing(home: Home, pictures: Pictures) -> None:
    """A page that somebody visits may send requests here; none of them counts."""
    with home.up("--photos", pictures(1)) as served:
        served.wait_for_photos(1)
        for path in ("/shelves/sample", "/shards/0/stop", "/friends/2/end", "/api/drop", "/drop"):
            assert _post(served, path, origin=False) == 403, path
            assert _post(served, path, origin=False, Origin="http://evil.example") == 403, path

        assert served.status()["shards_expected"] == 2
        assert _shelves(served)["folder"]["state"] == "open"
        assert served.stop() == 0


def test_with_viewer_tokens_there_is_nothing_to_change(home: Home, pictures: Pictures) -> None:
    """Then others are served, and what one changes all of them would see."""
    config = home.path / "cluster.toml"
    config.write_text(f'[security]\nviewer_secret = "{SECRET}"\n', "utf-8")
    with home.up("--photos", pictures(1), "--config", config) as served:
        for path in ("/shelves/sample", "/shards/0/stop", "/friends/2/end", "/api/drop", "/drop"):
            assert _post(served, path) == 404, path
        assert served.get("/api/shelves")[0] == 404
        assert served.stop() == 0
