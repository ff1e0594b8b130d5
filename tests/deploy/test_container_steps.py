"""The Dockerfile's steps, followed without an engine: what it forgets to copy is missed here.

The files that COPY names, and no others, become a wheel; the wheel is installed into an empty
folder; from there, with the image's variables and files, its command is started as it stands. Only
folders at the root of the container are put elsewhere, and packages of others come from here.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytestmark = pytest.mark.slow

dockerfile: Any = sys.modules["deploy_tests_dockerfile"]

_WHEEL = ["pip", "wheel"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the root of the container: `/photos` in it lies here in `photos`."""
    return tmp_path_factory.mktemp("root")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Follow the first stage: COPY from the context, then `pip wheel`."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheels")
    for copy in dockerfile.of(dockerfile.BUILD, "COPY"):
        *names, target = copy.split()
        for name in names:
            _copy(name, source / target / name if target == "./" else source / target)
    (build,) = [words for words in dockerfile.commands(dockerfile.BUILD) if words[:2] == _WHEEL]
    here = ["--no-build-isolation", "--no-index", "--quiet"]
    words = [str(out) if word == "/wheels" else word for word in build[1:]]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *words, *here],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("*.whl")
    return built


def _copy(name: str, target: Path) -> None:
    """Copy what an engine would: `.dockerignore` leaves compiled files at home."""
    what = dockerfile.ROOT / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if what.is_dir():
        shutil.copytree(what, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(what, target)


@pytest.fixture(scope="module")
def container(wheel: Path, root: Path) -> dict[str, str]:
    """Follow the second stage to its user; return the variables of a process in it."""
    site = root / "opt" / "alicorn"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--no-compile", "--target", str(site), str(wheel)], check=True)
    for copy in dockerfile.of(dockerfile.RUNTIME, "COPY"):
        if not copy.startswith("--from"):
            name, target = copy.split()
            _copy(name, root / target.lstrip("/"))
    for words in dockerfile.commands(dockerfile.RUNTIME):
        if words[0] == "install":
            for made in (word for word in words if word.startswith("/")):
                (root / made.lstrip("/")).mkdir(parents=True)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ALICORN", "XDG", "NUMBA"))
    }
    for given in dockerfile.of(dockerfile.RUNTIME, "ENV"):
        for word in shlex.split(given):
            name, _, value = word.partition("=")
            if name != "PATH":
                environment[name] = _inside(root, value)
    home = root / "home" / "alicorn"
    home.mkdir(parents=True)
    return {**environment, "HOME": str(home), "PYTHONPATH": str(site)}


def _inside(root: Path, word: str) -> str:
    """Return a path of the container as it is here."""
    return str(root / word.lstrip("/")) if word.startswith("/") else word


def _alicorn(root: Path) -> list[str]:
    """Return the entry point: its script, by this interpreter."""
    (entry,) = dockerfile.of(dockerfile.RUNTIME, "ENTRYPOINT")
    (name,) = json.loads(entry)
    return [sys.executable, str(root / "opt" / "alicorn" / "bin" / name)]


def test_the_command_is_there_and_is_the_copy(root: Path, container: dict[str, str]) -> None:
    """It starts, and nothing of it comes from the checkout."""
    told = subprocess.run(
        [*_alicorn(root), "--help"],
        env=container, cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    where = subprocess.run(
        [sys.executable, "-c", "import alicorn.command.main as m; print(m.__file__)"],
        env=container, cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert told.returncode == 0, told.stderr
    assert "Photo search" in told.stdout
    assert where.stdout.startswith(str(root))


def test_what_the_image_prepares_is_prepared(root: Path, container: dict[str, str]) -> None:
    """Each RUN of the user but the kernels, which the start below compiles, too."""
    user = [one.word for one in dockerfile.RUNTIME].index("USER")
    run = dockerfile.commands(dockerfile.RUNTIME[user:])
    for words in run:
        if words[0] == "python":
            subprocess.run([sys.executable, *words[1:]], env=container, cwd=root, check=True)

    assert {words[0] for words in run} == {"python", "alicorn"}
    assert list((root / "var/cache/alicorn/models").rglob("lite0.onnx"))


@pytest.fixture(scope="module")
def address(root: Path, container: dict[str, str]) -> Iterator[str]:
    """Start the default command on a free port, with one photo; give the address it prints."""
    Image.new("RGB", (320, 240), (200, 40, 40)).save(root / "photos" / "red.png")
    (arguments,) = dockerfile.of(dockerfile.RUNTIME, "CMD")
    words = [_inside(root, word) for word in json.loads(arguments)]
    free = ["--http-port", "0", "--grpc-port", "0"]
    with subprocess.Popen(
        [*_alicorn(root), *words, *free], env=container, cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield "http://" + process.stdout.readline().rpartition("http://")[2].strip()
        finally:
            # Not in order: that would wait for kernels, which nothing here needs.
            process.kill()


def _status(opener: urllib.request.OpenerDirector, url: str) -> int:
    try:
        with opener.open(url, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_page_is_served_to_who_has_the_key_and_to_nobody_else(address: str) -> None:
    """Its templates and static files are there; the health check needs no key."""
    page = address.partition("/open?key=")[0]
    stranger = urllib.request.build_opener()
    owner = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    assert "/open?key=" in address
    assert _status(stranger, f"{page}/healthz") == 200
    for path in ("/", "/search?q=cat", "/api/status", "/api/search?q=cat", "/thumb/1"):
        assert _status(stranger, page + path) == 401, path
    assert _status(stranger, f"{page}/metrics") == 403
    assert _status(stranger, f"{address}x") == 403
    assert _status(owner, address) == 200
    assert _status(owner, page + "/") in {200, 503}


def test_the_photo_is_understood_with_what_the_image_has(address: str) -> None:
    """Image model, codes, concepts, cities, and everything that a shelf opens with."""
    page = address.partition("/open?key=")[0]
    owner = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    assert _status(owner, address) == 200
    deadline = time.monotonic() + 120
    while _status(owner, f"{page}/thumb/1") != 200:
        assert time.monotonic() < deadline
        time.sleep(0.3)
