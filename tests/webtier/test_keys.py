"""The door of a run: who has the key gets a token, nobody else gets anything."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from aggregator.top.tokens import TokenKey
from alicorn.errors import ConfigError
from webtier.app import create_app
from webtier.config import WebConfig
from webtier.keys import Door

KEY = "k" * 43
SIGNER = TokenKey("s" * 43)


@pytest.fixture
def door():
    """Make a door that lets in person 1."""
    return Door(KEY, lambda: SIGNER.sign(1, valid_s=60))


@pytest.fixture
def keyed(backend, door):
    """Open a browser on a page that asks for tokens and has a door."""
    app = create_app(backend, WebConfig(viewer_tokens=True), door=door)
    with TestClient(app, base_url="http://127.0.0.1:8737", follow_redirects=False) as client:
        yield client


def test_the_key_gives_a_token_that_scripts_and_other_sites_never_see(keyed):
    """The cookie is for this host's pages alone, and ends with the browser."""
    response = keyed.get(f"/open?key={KEY}")
    cookie = response.headers["set-cookie"]
    token = cookie.partition("=")[2].partition(";")[0]

    assert response.status_code == 200
    assert SIGNER.verify(token) == 1
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "samesite=strict",
        "path=/",
    }


def test_the_way_goes_on_to_the_page_and_nowhere_else(keyed):
    """A key in a link must not lead to a page of somebody else's choice."""
    for more in ("", "&next=//evil.example", "&url=http://evil.example/", "#//evil.example"):
        response = keyed.get(f"/open?key={KEY}{more}")

        assert response.headers["refresh"] == "0; url=/"
        assert "location" not in response.headers
        assert "evil" not in response.text


def test_the_key_is_neither_kept_nor_handed_on(keyed):
    """By no cache, by no referrer, by no page."""
    response = keyed.get(f"/open?key={KEY}")

    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert KEY not in response.text
    assert KEY not in str(response.headers)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?key=",
        f"?key={KEY[:-1]}",
        f"?key={KEY}k",
        f"?key={KEY.upper()}",
        f"?key={KEY[:-1]}%C3%A9",
        "?key=%ED%A0%80",
        f"?key={KEY}&key={KEY}",
        f"?key=x&key={KEY}",
        f"?KEY={KEY}",
    ],
)
def test_another_key_opens_nothing(keyed, query):
    """Nearly right is wrong, and letters that are none are no crash."""
    response = keyed.get(f"/open{query}")

    assert response.status_code == 403
    assert "set-cookie" not in response.headers
    assert KEY not in response.text


def test_a_key_is_no_credential_for_anything_else(keyed):
    """Only the door takes it."""
    assert keyed.get(f"/?key={KEY}").status_code == 401
    assert keyed.post(f"/open?key={KEY}").status_code == 405


def test_under_a_foreign_name_there_is_no_door(keyed):
    """A page whose name was made to resolve to this machine cannot use a key that it guessed."""
    response = keyed.get(f"/open?key={KEY}", headers={"host": "evil.example"})

    assert response.status_code == 421
    assert "set-cookie" not in response.headers


def test_by_either_name_of_this_machine_the_door_opens(keyed):
    """And through any port: a container's is mapped."""
    for host in ("127.0.0.1:9000", "localhost:8737", "[::1]:8737"):
        assert keyed.get(f"/open?key={KEY}", headers={"host": host}).status_code == 200


def test_without_a_door_there_is_no_such_page(client):
    """One's own machine needs none."""
    assert client.get(f"/open?key={KEY}").status_code == 404


def test_a_key_that_can_be_guessed_is_refused():
    """As short as a word."""
    with pytest.raises(ConfigError, match="the key has 6 characters, needed at least 32"):
        Door("secret", lambda: "")


def test_the_address_to_open_has_the_key(door):
    """What is printed."""
    assert door.address("http://127.0.0.1:8737") == f"http://127.0.0.1:8737/open?key={KEY}"
