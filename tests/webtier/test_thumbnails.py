"""Pictures, for those who may see them."""

from __future__ import annotations

import pytest


def test_a_picture_is_served_with_a_private_cache_and_a_tag(client, backend):
    """The browser keeps it, nothing between does, and each use is asked for again."""
    response = client.get("/thumb/1")

    assert response.content == backend.stored[0].jpeg
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.headers["etag"].startswith('"')


@pytest.mark.parametrize("prefix", ["", "W/", '"other", '])
def test_an_unchanged_picture_costs_no_bytes(client, prefix):
    """304 for the tag that was given, weak or in a list."""
    tag = client.get("/thumb/1").headers["etag"]
    response = client.get("/thumb/1", headers={"if-none-match": prefix + tag})

    assert (response.status_code, response.content) == (304, b"")


def test_a_hidden_picture_is_as_one_that_is_not_there(client):
    """Cleo learns nothing of a photo between Ada and Ben, not even that it exists."""
    hidden = client.get("/thumb/3?viewer=3")
    absent = client.get("/thumb/999?viewer=3")

    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content
    assert client.get("/thumb/3?viewer=1").status_code == 200


def test_a_kept_tag_opens_nothing_once_the_photo_is_hidden(client):
    """Who may no longer see a photo gets 404, not 304, whatever the browser kept."""
    tag = client.get("/thumb/3?viewer=1").headers["etag"]
    response = client.get("/thumb/3?viewer=3", headers={"if-none-match": tag})

    assert response.status_code == 404


@pytest.mark.parametrize("photo", ["abc", "-1", "1.5", "9" * 5_000, str(2**64), "%00"])
def test_what_is_no_number_is_no_picture(client, photo):
    """404, and no error of ours in the log."""
    assert client.get(f"/thumb/{photo}").status_code == 404
