"""The web application over a backend and controls in memory.

Tests have no packages, so the modules are loaded here and handed out as fixtures.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import AlicornError
from webtier.app import create_app
from webtier.config import WebConfig
from webtier.server import WebServer

CHROMIUM = Path("/usr/bin/chromium")


def _load(name: str) -> ModuleType:
    full = f"webtier_tests_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[full] = module
        spec.loader.exec_module(module)
    return sys.modules[full]


MemoryBackend: Any = _load("memory_backend").MemoryBackend
MemoryControls: Any = _load("memory_controls").MemoryControls


@pytest.fixture(scope="session")
def memory_backend() -> ModuleType:
    """Give the backend in memory, and how it reads a query."""
    return _load("memory_backend")


@pytest.fixture
def empty_backend() -> MemoryBackend:
    """Make a folder library without a photo, whose owner is person 1."""
    return MemoryBackend(library="Pictures", sample=False, people={1: "You"}, default_id=1)


@pytest.fixture
def backend() -> MemoryBackend:
    """Make a shelf: Ada and Ben are friends, Cleo is not; photo 3 is for Ada and Ben alone."""
    shelf = MemoryBackend(people={1: "Ada", 2: "Ben", 3: "Cleo"}, default_id=1)
    shelf.add(caption="a cat on the sofa", tags={"cat": 0.97, "animal": 0.9}, author=1)
    shelf.add(caption="our dog runs", tags={"dog": 0.91, "animal": 0.8}, author=2, size=(64, 96))
    shelf.add(
        caption="secret cat",
        tags={"cat": 0.8},
        author=2,
        public=False,
        viewers=(1,),
        place="Oslo, NO",
    )
    shelf.add(tags={"cat": 0.7, "window": 0.5}, author=3, taken_at=None, size=(120, 48))
    shelf.add(tags={"cat": 0.9}, author=1)
    shelf.fold(5, 1, "same picture")
    shelf.understanding.CopyFrom(pb.Understanding(found=5, done=5))
    return shelf


@pytest.fixture
def make_client() -> Callable[..., TestClient]:
    """Make a client of the application over a backend, under the name localhost."""

    def make(
        backend: MemoryBackend, controls: MemoryControls | None = None, **settings: object
    ) -> TestClient:
        config = WebConfig(people_ttl_s=0, **settings)  # type: ignore[arg-type]
        app = create_app(backend, config, controls=controls)
        return TestClient(app, base_url="http://localhost", follow_redirects=False)

    return make


@pytest.fixture
def client(backend: MemoryBackend, make_client: Callable[..., TestClient]) -> TestClient:
    """Make a client of the sample shelf."""
    return make_client(backend)


@pytest.fixture
def controls(backend: MemoryBackend) -> MemoryControls:
    """Make controls over the sample shelf: a world, a folder of pictures, two shards, friends."""
    return MemoryControls(backend)


@pytest.fixture
def own(
    backend: MemoryBackend, controls: MemoryControls, make_client: Callable[..., TestClient]
) -> TestClient:
    """Make a client of the sample shelf on one's own machine, where things may be changed."""
    return make_client(backend, controls)


@pytest.fixture
def app(backend: MemoryBackend) -> Starlette:
    """Make the application over the sample shelf."""
    return create_app(backend, WebConfig(people_ttl_s=0, poll_ms=250))


@pytest.fixture
def own_app(backend: MemoryBackend, controls: MemoryControls) -> Starlette:
    """Make the application over the sample shelf, with everything that may be changed."""
    return create_app(backend, WebConfig(people_ttl_s=0, poll_ms=250), controls=controls)


@pytest.fixture
def server(app: Starlette) -> Iterator[WebServer]:
    """Serve the sample shelf on a real port."""
    with WebServer(app) as running:
        yield running


@pytest.fixture
def own_server(own_app: Starlette) -> Iterator[WebServer]:
    """Serve the sample shelf, and everything that may be changed, on a real port."""
    with WebServer(own_app) as running:
        yield running


# For one file: its event loop would stand in the way of asynchronous tests elsewhere.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Start Debian's Chromium, or skip plainly where it is absent."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; apt-get install chromium to test with it")
    with playwright.sync_playwright() as driver:
        # The sandbox needs namespaces that containers seldom allow; the pages are our own.
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any) -> Callable[..., Any]:
    """Make what opens pages below an address; at the end, fail if the browser complained.

    The content security policy complains there, too. ``expected`` has words of complaints that a
    test is about.
    """

    @contextmanager
    def opening(address: str, expected: tuple[str, ...] = ()) -> Iterator[Callable[..., Any]]:
        complaints: list[str] = []
        contexts: list[Any] = []

        def make(path: str, *, until: str = "networkidle", **settings: object) -> Any:
            context = chromium.new_context(viewport={"width": 1200, "height": 800}, **settings)
            contexts.append(context)
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(address + path, wait_until=until)
            return page

        yield make
        for context in contexts:
            context.close()

        # Chromium's own word where one navigation overtakes another's cross-fade.
        known = (*expected, "Transition was aborted")
        assert [found for found in complaints if not any(words in found for words in known)] == []

    return opening


@pytest.fixture
def with_failure() -> Callable[[MemoryBackend, Exception], MemoryBackend]:
    """Make a backend that fails with one error, whatever it is asked."""

    def make(backend: MemoryBackend, error: Exception) -> MemoryBackend:
        return replace(backend, failure=error)

    return make


def all_errors(root: type[AlicornError] = AlicornError) -> list[type[AlicornError]]:
    """Every class of the error tree."""
    return [root] + [cls for child in root.__subclasses__() for cls in all_errors(child)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Hand every class of the error tree to the tests that ask for `error_class`."""
    if "error_class" in metafunc.fixturenames:
        metafunc.parametrize("error_class", all_errors(), ids=lambda cls: cls.__name__)
