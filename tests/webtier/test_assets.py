"""Style sheets and scripts."""

from __future__ import annotations

import re

from webtier.assets import Assets


def test_assets_are_kept_for_ever_under_the_hash_of_their_content(client):
    """A new release has new addresses, so nobody sees old style on a new page."""
    address = Assets().address("page.css")
    response = client.get(address)

    assert response.status_code == 200
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-type"] == "text/css; charset=utf-8"


def test_an_older_version_gets_todays_file_and_asks_again(client):
    """A page that was open during a release still finds its scripts."""
    response = client.get("/static/000000000000/page.js")

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"


def test_scripts_import_only_scripts_that_are_there(client):
    """There is no bundler that would notice."""
    names = {"page.js"}
    seen: set[str] = set()
    while names - seen:
        name = (names - seen).pop()
        seen.add(name)
        text = client.get(Assets().address(name)).text
        names |= set(re.findall(r'from "\./([\w.]+)"', text))

    assert {"page.js", "grid.js", "details.js", "progress.js"} <= seen


def test_nothing_outside_the_folder_is_served(client):
    """Files are held by name; there is no path to walk."""
    for name in ("..%2fapp.py", "%2e%2e%2fapp.py", "app.py", "..", "page.css%00"):
        assert client.get(f"/static/x/{name}").status_code == 404
