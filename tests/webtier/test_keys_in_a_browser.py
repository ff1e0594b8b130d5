"""The door in a real browser: typed, and followed from a page of another site."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from aggregator.top.tokens import TokenKey
from webtier.app import create_app
from webtier.config import WebConfig
from webtier.keys import Door
from webtier.server import WebServer

pytestmark = pytest.mark.browser

SIGNER = TokenKey("s" * 43)


@pytest.fixture
def door():
    """Make a door that lets in person 1."""
    return Door("k" * 43, lambda: SIGNER.sign(1, valid_s=60))


@pytest.fixture
def served(backend, door):
    """Serve the shelf to who has the key."""
    app = create_app(backend, WebConfig(viewer_tokens=True), door=door)
    with WebServer(app) as running:
        yield running


@pytest.fixture
def context(chromium):
    """Open a browser without cookies."""
    opened = chromium.new_context()
    yield opened
    opened.close()


def test_the_address_that_is_printed_ends_on_the_page(context, served, door):
    """Without another click; the token goes along from then on."""
    page = context.new_page()
    page.goto(door.address(served.address))
    page.wait_for_url(served.address + "/")
    (cookie,) = context.cookies()

    assert page.locator("#q").count() == 1
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.goto(served.address + "/search?q=cat").status != 401


def test_a_link_from_another_site_ends_on_the_page_too(context, served, door):
    """A web mailer or a terminal in a page: browsers keep strict cookies from its redirects."""

    async def elsewhere(request: object) -> HTMLResponse:
        return HTMLResponse(f'<a href="{door.address(served.address)}">open</a>')

    with WebServer(Starlette(routes=[Route("/", elsewhere)])) as other:
        page = context.new_page()
        page.goto(other.address.replace("127.0.0.1", "localhost"))
        page.click("a")
        page.wait_for_url(served.address + "/")

    assert page.locator("#q").count() == 1


def test_a_stranger_s_browser_sees_no_search(context, served):
    """Told how to come in, and nothing else."""
    page = context.new_page()
    response = page.goto(served.address + "/search?q=cat")

    assert response.status == 401
    assert page.locator(".tile").count() == 0
    assert "--key" in page.inner_text("body")
