"""What a person has: a home, the command, a library, a server that runs. Nothing is mocked here."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from PIL import Image

from alicorn.command.library import Library, open_library

_ADDRESS = re.compile(r"https?://[\w.:\[\]-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left: its exit status and both of its streams."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; anything beside it fails here."""
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """What a person is told, without log lines."""
        lines = [line for line in self.err.splitlines() if not line.startswith("{")]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody's home, and the commands that they type there."""

    path: Path
    models: Path
    """Where prepared models are kept: they are the same for everybody, so tests share them."""

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables of a process in this home."""
        return {
            **{name: value for name, value in os.environ.items() if name != "ALICORN_TOKEN"},
            "HOME": str(self.path),
            "XDG_DATA_HOME": str(self.path / "data"),
            "XDG_STATE_HOME": str(self.path / "state"),
            "XDG_CACHE_HOME": str(self.models),
            **more,
        }

    def alicorn(
        self,
        *typed: str | Path,
        timeout_s: float = 120,
        wrapped_in: tuple[str, ...] = (),
        **variables: str,
    ) -> Answer:
        """Run the command to its end, or ``wrapped_in`` another that ends with it."""
        command = [*wrapped_in, sys.executable, "-P", "-m", "alicorn.command"]
        done = subprocess.run(
            [*command, *map(os.fspath, typed)],
            capture_output=True,
            env=self.environment(**variables),
            cwd=self.path,
            timeout=timeout_s,
            check=False,
        )
        # Our streams are UTF-8; what is not must not hide the rest of a failed test's output.
        return Answer(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode())

    def up(self, *typed: str | Path, **variables: str) -> Served:
        """Start `alicorn up` on free ports; returns once its address is told."""
        return Served(self, typed, variables)


class Served:
    """A running `alicorn up`; use it as a context manager."""

    def __init__(
        self, home: Home, typed: tuple[str | Path, ...], variables: dict[str, str]
    ) -> None:
        self._out, self._err = home.path / "up.out", home.path / "up.err"
        command = [
            *(sys.executable, "-P", "-m", "alicorn.command", "up"),
            *("--http-port", "0", "--grpc-port", "0"),
            *map(os.fspath, typed),
        ]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=err, env=home.environment(**variables), cwd=home.path
            )
        try:
            self.address = self._told_address()
        except BaseException:
            self.process.kill()
            raise

    @property
    def err(self) -> str:
        """What it has written to stderr so far."""
        return self._err.read_text("utf-8")

    @property
    def grpc(self) -> str:
        """host:port of its SearchService."""
        wait_until(lambda: "gRPC at " in self.err)
        return self.err.split("gRPC at ")[1].split(";")[0]

    def get(self, path: str, timeout_s: float = 10) -> tuple[int, str]:
        """Return status and body of a page."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=timeout_s) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def status(self) -> dict[str, Any]:
        """Return what `/api/status` says, once a shelf is open."""
        code, body = wait_until(lambda: (got := self.get("/api/status"))[0] != 503 and got)
        assert code == 200, body
        found: dict[str, Any] = json.loads(body)
        return found

    def uris(self, query: str, kind: str = "") -> list[str]:
        """Return the photos of an answer, in page order; empty while the shards are loading."""
        code, body = self.get(f"/api/search?q={query}&as={kind}&limit=500")
        if code == 503:
            return []
        assert code == 200, body
        modules = json.loads(body)["modules"]
        return [photo["uri"] for module in modules for photo in module["photos"]]

    def wait_for_photos(self, count: int) -> None:
        """Wait until so many photos are searchable and nothing is being understood."""
        wait_until(
            lambda: (
                (now := self.status())["documents"] == count and not now["understanding"]["running"]
            ),
            timeout_s=90,
        )
        self.wait_for_answers()

    def wait_for_answers(self) -> None:
        """Wait until searches are answered; until then they hear that the shards are loading."""
        wait_until(lambda: self.get("/search?q=cat")[0] != 503, timeout_s=180)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop, and return its exit status."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _told_address(self) -> str:
        def told() -> str | None:
            found = _ADDRESS.search(self._out.read_text("utf-8"))
            if found is None and self.process.poll() is not None:
                pytest.fail(f"up ended with status {self.process.returncode}: {self.err}")
            return found[0] if found else None

        return wait_until(told, timeout_s=90)


def wait_until(condition: Callable[[], Any], *, timeout_s: float = 30) -> Any:
    """Return the first true value of ``condition``; fail after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    pytest.fail(f"waited {timeout_s:.0f} s in vain")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the cache of prepared models."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def home(tmp_path: Path, models: Path) -> Home:
    """Give an empty home."""
    path = tmp_path / "home"
    path.mkdir()
    return Home(path, models)


@pytest.fixture(scope="session")
def shelf_home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Home:
    """Give the home of somebody who has typed one thing in it: `first_search`."""
    return Home(tmp_path_factory.mktemp("shelf"), models)


@pytest.fixture(scope="session")
def first_search(shelf_home: Home) -> Answer:
    """`alicorn search cat --json`, typed in an empty home: the shelf is made for it."""
    return shelf_home.alicorn("search", "cat", "--json")


@pytest.fixture(scope="session")
def shelf(shelf_home: Home, first_search: Answer) -> Library:
    """Give the sample shelf, understood. Nobody changes it: take `shelf_copy` for that."""
    assert first_search.status == 0, first_search.err
    return open_library(shelf_home.path / "data/alicorn/libraries/sample-shelf")


@pytest.fixture
def shelf_copy(shelf: Library, tmp_path: Path) -> Library:
    """Give a sample shelf of one's own; its photos stay where they are."""
    where = tmp_path / "shelf"
    shutil.copytree(shelf.path, where, ignore=shutil.ignore_patterns("photos", "*-shm", "*-wal"))
    return open_library(where)


@pytest.fixture
def pictures(tmp_path: Path, shelf: Library) -> Callable[[int], Path]:
    """Make a folder of so many photos, all different, the cat the newest."""

    def made(count: int) -> Path:
        folder = tmp_path / "pictures"
        folder.mkdir()
        sources = ["chelsea.png", "espresso.png", "launch-pad.jpg", "dahlia.jpg"]
        for number in range(count):
            with Image.open(shelf.photos / sources[number % 4]) as opened:
                picture = opened.convert("RGB")
            picture.thumbnail((320, 320))
            path = folder / f"{number:03d}.jpg"
            # Another quality is another file: the same bytes would be understood once for all.
            picture.save(path, "JPEG", quality=95 - number)
            when = 1_700_000_000 - 60 * number
            os.utime(path, (when, when))
        return folder

    return made


@pytest.fixture
def until() -> Callable[..., Any]:
    """Give `wait_until`."""
    return wait_until
