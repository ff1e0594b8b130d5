"""Who is looking, and who may change it."""

from __future__ import annotations

import pytest

OURS = {"sec-fetch-site": "same-origin"}


def _photos(client, **more):
    answer = client.get("/api/search?q=cat", **more).json()
    return {photo["id"] for module in answer["modules"] for photo in module["photos"]}


def test_the_default_viewer_is_served_when_nobody_is_named(client):
    """Ada is the shelf's default: she sees the photo that Ben shares with her."""
    assert _photos(client) == {1, 3, 4}


def test_the_switch_changes_whose_photos_are_seen(client):
    """After the switch to Cleo, what is between Ada and Ben is gone."""
    response = client.post("/viewer", data={"viewer": "3", "next": "/search?q=cat"}, headers=OURS)

    assert (response.status_code, response.headers["location"]) == (303, "/search?q=cat")
    assert _photos(client) == {1, 4}
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
    ],
)
def test_other_sites_cannot_switch_the_viewer(client, headers):
    """Cross-site request forgery: the browser says where the form came from."""
    response = client.post("/viewer", data={"viewer": "3"}, headers=headers)

    assert response.status_code == 403
    assert "set-cookie" not in response.headers


def test_browsers_without_fetch_metadata_are_known_by_their_origin(client):
    """Over plain HTTP on a network, `Origin` is all there is."""
    response = client.post("/viewer", data={"viewer": "2"}, headers={"origin": "http://localhost"})

    assert response.status_code == 303


@pytest.mark.parametrize(
    "target",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:1", "/\r\nX: 1"],
)
def test_the_switch_leads_back_into_this_site_only(client, target):
    """An open redirect would lend our name to others."""
    response = client.post("/viewer", data={"viewer": "2", "next": target}, headers=OURS)

    assert response.headers["location"] == "/"


def test_the_switch_forgets_the_viewer_in_the_address(client):
    """Else the address that names Ada would win over the choice of Ben."""
    data = {"viewer": "2", "next": "/search?q=cat&viewer=1"}

    response = client.post("/viewer", data=data, headers=OURS)

    assert response.headers["location"] == "/search?q=cat"


@pytest.mark.parametrize("viewer", ["9", "-1", "x", "", "٣", "9" * 5_000])
def test_only_the_sample_people_can_be_chosen(client, viewer):
    """A number that nobody has is not remembered."""
    response = client.post("/viewer", data={"viewer": viewer}, headers=OURS)

    assert response.status_code == 404
    assert "set-cookie" not in response.headers


def test_a_form_out_of_all_proportion_is_refused(client):
    """The switch sends two short fields; memory is not for rent."""
    response = client.post("/viewer", content=b"x" * 50_000, headers=OURS)

    assert response.status_code == 400


def test_the_viewer_in_the_address_wins_over_the_cookie(client):
    """A link says whose eyes it means."""
    client.cookies.set("alicorn_viewer", "3")

    assert _photos(client) == {1, 4}
    answer = client.get("/api/search?q=secret&viewer=2").json()
    assert [photo["id"] for photo in answer["modules"][0]["photos"]] == [3]


def test_a_cookie_of_another_library_counts_for_nothing(client):
    """Cookies do not know ports: a stranger's number must not end in an error."""
    client.cookies.set("alicorn_viewer", "77")

    assert client.get("/").status_code == 200


@pytest.mark.parametrize("viewer", ["77", "abc", "-1", str(2**64)])
def test_an_unknown_viewer_is_told_plainly(client, viewer):
    """The page says what happened and leads on; the API gives the kind of error."""
    page = client.get(f"/search?q=cat&viewer={viewer}")
    answer = client.get(f"/api/search?q=cat&viewer={viewer}")

    assert page.status_code == answer.status_code == 404
    assert "Nobody here goes by that number" in page.text
    assert answer.json()["error"]["kind"] == "unknown-viewer"


def test_a_folder_of_photos_has_no_switch(make_client, empty_backend):
    """There is one owner: the page shows no switch, and none works."""
    client = make_client(empty_backend)

    assert 'action="/viewer"' not in client.get("/").text
    assert client.post("/viewer", data={"viewer": "1"}, headers=OURS).status_code == 403
    assert client.get("/api/search?q=cat&viewer=2").status_code == 403
    assert client.get("/api/search?q=cat&viewer=1").status_code == 200


@pytest.fixture
def guarded(make_client, backend):
    """Make the shelf as it is once viewer tokens are configured."""
    backend.tokens = {"good-ada": 1, "good-cleo": 3}
    return make_client(backend, viewer_tokens=True)


def test_with_tokens_the_token_says_who_asks(guarded):
    """From the header of a program or the cookie of a gallery, and passed on as it is."""
    assert _photos(guarded, headers={"authorization": "Bearer good-ada"}) == {1, 3, 4}
    guarded.cookies.set("alicorn_token", "good-cleo")
    assert _photos(guarded) == {1, 4}


def test_with_tokens_nobody_gets_in_without_one(guarded):
    """No token, a wrong one, or a viewer in the address: 401, and nothing of the shelf is told."""
    for path in ("/", "/search?q=cat&viewer=1", "/api/search?q=cat", "/thumb/1", "/api/status"):
        response = guarded.get(path, headers={"cookie": "alicorn_viewer=1"})
        assert response.status_code == 401, path
        assert response.headers["www-authenticate"] == "Bearer"
        assert "secret" not in response.text


def test_with_tokens_a_request_without_one_asks_nobody(make_client, backend):
    """The top before which this page stands may have lost its secret, and believe everybody."""
    page = make_client(backend, viewer_tokens=True)

    for path in ("/", "/search?q=cat", "/photo/1?q=cat", "/api/search?q=cat", "/thumb/1"):
        response = page.get(path)

        assert response.status_code == 401, path
        assert "sofa" not in response.text


def test_with_tokens_the_switch_is_gone(guarded):
    """Not drawn, and refused when it is called all the same."""
    headers = {"authorization": "Bearer good-ada", **OURS}

    assert 'action="/viewer"' not in guarded.get("/", headers=headers).text
    assert guarded.post("/viewer", data={"viewer": "3"}, headers=headers).status_code == 403


def test_with_tokens_the_viewer_in_the_address_is_ignored(guarded):
    """Cleo's token sees Cleo's photos, whatever the address says."""
    answer = guarded.get(
        "/api/search?q=cat&viewer=1", headers={"authorization": "Bearer good-cleo"}
    ).json()

    assert {photo["id"] for module in answer["modules"] for photo in module["photos"]} == {1, 4}
