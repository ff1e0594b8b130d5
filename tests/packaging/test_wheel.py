"""The wheel: built, installed outside the checkout, and searched from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = (
    *("alicorn", "understanding", "indexserver", "aggregator", "ranker", "webtier", "loadtest"),
)


def _tracked(*folders: str) -> list[str]:
    """Return the files of ``folders`` that the repository keeps."""
    listed = subprocess.run(
        ["git", "-C", str(_ROOT), "ls-files", "-z", *folders],
        capture_output=True,
        check=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the tracked files, so that nothing else gets into it."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in _tracked():
        if (_ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_ROOT / name, copy / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    isolation = ["--no-build-isolation"] if _has_setuptools() else []
    if not isolation:
        # The build system comes from the package index, as for everybody who builds.
        build.remove("--no-index")
    done = subprocess.run(
        [*build, *isolation, "--wheel-dir", str(out), str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("alicorn-*.whl")
    return built


def _has_setuptools() -> bool:
    try:
        import setuptools  # noqa: PLC0415
    except ImportError:
        return False
    return int(setuptools.__version__.split(".")[0]) >= 77


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a folder; what it needs comes from this environment."""
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-compile", "--target", str(target), str(wheel)),
        ],
        check=True,
    )
    return target


@pytest.fixture(scope="module")
def environment(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give a home and a path on which the installed copy comes before the checkout."""
    home = tmp_path_factory.mktemp("home")
    return {
        **os.environ,
        "HOME": str(home),
        "PYTHONPATH": str(installed),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }


def test_the_wheel_has_every_tracked_file_of_the_packages(wheel: Path) -> None:
    """A template, table, model or card that is left out fails only on other people's machines."""
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    missing = sorted(set(_tracked(*_PACKAGES)) - packed)

    assert missing == []


def test_the_wheel_has_the_data_that_serving_needs(wheel: Path) -> None:
    """Named one by one, so that a file which was never added is missed, too."""
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    needed = {
        "alicorn/py.typed",
        "alicorn/documents/schema.toml",
        "alicorn/command/sample/shelf.toml",
        "alicorn/command/sample/sources.toml",
        "understanding/concepts/data/taxonomy.json",
        "understanding/concepts/data/terms.txt",
        "understanding/concepts/data/NOTICE.txt",
        "understanding/photos/data/cities.npz",
        "understanding/photos/graph/lite0.onnx",
        "understanding/photos/models/itq.npz",
        "understanding/texts/data/text-000001.json",
        "ranker/models/first_stage.txt",
        "ranker/models/second_stage.npz",
        "webtier/templates/base.html",
        "webtier/static/page.css",
        "webtier/static/page.js",
        "webtier/static/mark.svg",
    }

    assert sorted(needed - packed) == []


def test_the_wheel_has_nothing_else(wheel: Path) -> None:
    """Tests, caches and benchmarks' results stay at home; the licence travels along."""
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.namelist()
    tops = {name.split("/")[0] for name in packed}
    info = {top for top in tops if top.endswith(".dist-info")}

    assert tops - info == set(_PACKAGES)
    assert len(info) == 1
    assert {f"{next(iter(info))}/licenses/{name}" for name in ("LICENSE", "NOTICE")} <= set(packed)
    assert [name for name in packed if "__pycache__" in name or name.endswith(".nbi")] == []


def _alicorn(installed: Path) -> list[str]:
    script = installed / "bin" / "alicorn"
    # Its first line may name a build's interpreter; what is tested is the entry point.
    return [sys.executable, str(script)]


def test_the_installed_command_searches_from_anywhere(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Its own code, its own data: nothing of the checkout is read."""
    where = [sys.executable, "-c", "import alicorn.command as c, webtier as w; print(*c.__path__)"]
    found = subprocess.run(
        where, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    searched = subprocess.run(
        [*_alicorn(installed), "search", "cat", "--json"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert found.stdout.strip() == str(installed / "alicorn" / "command")
    assert searched.returncode == 0, searched.stderr
    assert '"uri": "chelsea' in searched.stdout
    assert str(_ROOT) not in searched.stdout + searched.stderr


@pytest.fixture
def address(installed: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Start the installed command's page; give its address."""
    command = [*_alicorn(installed), "up", "--http-port", "0", "--grpc-port", "0"]
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield "http://" + process.stdout.readline().rpartition("http://")[2].strip()
        finally:
            process.terminate()
            assert process.wait(60) == 0


def test_the_installed_page_has_its_templates_and_its_static_files(address: str) -> None:
    """The files that an installation forgets first."""
    with urllib.request.urlopen(f"{address}/healthz", timeout=30) as response:
        assert response.status == 200
    body = _read_when_ready(address + "/")
    styles = [part.split('"')[0] for part in body.split('href="')[1:] if "/static/" in part[:9]]

    assert "Search your photos" in body
    assert styles
    for style in styles:
        with urllib.request.urlopen(address + style, timeout=30) as response:
            assert response.status == 200
            assert response.read()


def _read_when_ready(page: str) -> str:
    """Return a page; while the shards are loading it says so, with 503."""
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(page, timeout=30) as response:
                read: str = response.read().decode()
                return read
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
