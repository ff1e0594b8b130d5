"""What the page may change, and who may not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from alicorn.errors import TryElsewhere
from webtier.app import create_app
from webtier.config import WebConfig
from webtier.control_views import control_view, offer_view
from webtier.controls import Friend, ShelfState

OURS = {"sec-fetch-site": "same-origin"}

CHANGES = [
    "/shelves/world",
    "/shards/1/stop",
    "/shards/1/start",
    "/friends/2/end",
    "/friends/2/make",
    "/api/drop",
    "/drop",
]


def _state(controls):
    return (
        list(controls.opened),
        set(controls.stopped),
        set(controls.friendships),
        dict(controls.dropped),
    )


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_other_sites_change_nothing(own, controls, path, headers):
    """Cross-site request forgery: a page that somebody visits opens, stops and ends nothing."""
    before = _state(controls)
    response = own.post(path, content=b"viewer=1", headers=headers | {"x-alicorn-name": "a.jpg"})

    assert response.status_code == 403
    assert before == _state(controls)


@pytest.mark.parametrize("path", CHANGES)
def test_nothing_changes_by_following_a_link(own, controls, path):
    """GET asks; only POST changes."""
    before = _state(controls)
    response = own.get(path, headers=OURS)

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert before == _state(controls)


@pytest.mark.parametrize("path", [*CHANGES, "/api/shelves"])
@pytest.mark.parametrize("why", ["no controls", "tokens", "another name"])
def test_elsewhere_the_routes_do_not_exist(make_client, backend, controls, path, why):
    """404 without controls, with viewer tokens, and under a name that others reach."""
    headers = dict(OURS)
    if why == "no controls":
        client = make_client(backend)
    elif why == "tokens":
        backend.tokens = {"good": 1}
        client = make_client(backend, controls, viewer_tokens=True)
        headers["authorization"] = "Bearer good"
    else:
        client = make_client(backend, controls, allowed_hosts=("photos.example",))
        headers["host"] = "photos.example"
    before = _state(controls)
    method = "GET" if path == "/api/shelves" else "POST"
    response = client.request(method, path, headers=headers)

    assert response.status_code == 404
    assert before == _state(controls)


@pytest.mark.parametrize("why", ["no controls", "tokens", "another name"])
def test_elsewhere_nothing_of_it_is_shown(make_client, backend, controls, why):
    """A button that leads nowhere, and a shelf that is nobody's business."""
    headers = {}
    if why == "no controls":
        client = make_client(backend)
    elif why == "tokens":
        backend.tokens = {"good": 1}
        client = make_client(backend, controls, viewer_tokens=True)
        headers["authorization"] = "Bearer good"
    else:
        client = make_client(backend, controls, allowed_hosts=("photos.example",))
        headers["host"] = "photos.example"
    for path in ("/", "/search?q=cat", "/photo/1?q=cat", "/nowhere"):
        page = client.get(path, headers=headers).text
        assert not re.search(r"/shelves|/shards|/friends|/drop|[Pp]ictures f|dropzone", page), path


def test_the_sample_shelf_offers_ones_own_pictures_first(own):
    """How many there are is told; they are not opened without being asked."""
    page = own.get("/").text
    offers = page[page.index('class="offers"') :]

    assert "Your pictures folder has 1,234 pictures." in offers
    assert offers.index("Your pictures folder") < offers.index(
        "A synthetic world of 100,000 photos"
    )
    assert '<li class="offer stands-out">' in offers


def test_nothing_is_opened_by_looking(own, controls):
    """Not by any page, nor by the polling."""
    for path in ("/", "/search?q=cat", "/photo/1?q=cat", "/api/shelves", "/api/status"):
        own.get(path)

    assert controls.opened == []


def test_on_a_shelf_of_ones_own_the_offers_stay_in_the_menu(own, controls):
    """Whoever has photos of their own came for them."""
    controls.finish("pictures")
    page = own.get("/").text

    assert 'class="offers"' not in page
    assert 'class="menu shelves"' in page


def test_a_shelf_that_has_to_be_made_shows_how_far_it_is(own, controls):
    """Opened by a form; then figures on the page and for the script, until it is open."""
    response = own.post("/shelves/world", headers=OURS)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    controls.tell("world", ShelfState.PREPARING, percent=42, message="42,000 photos drawn")
    page = own.get("/").text

    assert 'value="42"' in page
    assert "42,000 photos drawn" in page
    assert '<meta http-equiv="refresh" content="2">' in page
    world = own.get("/api/shelves").json()["shelves"][1]
    assert (world["state"], world["percent"]) == ("preparing", 42)

    controls.finish("world")
    assert 'http-equiv="refresh"' not in own.get("/").text


def test_a_shelf_that_could_not_be_made_says_why(own, controls):
    """And offers to try again."""
    controls.tell("world", ShelfState.FAILED, message="the disk is full")
    page = own.get("/").text

    assert "the disk is full" in page
    assert "Try again: A synthetic world" in page


@pytest.mark.parametrize(
    "key", ["nothing", "..%2f..%2fetc", "%00", "WORLD", "a" * 5_000, "-", "%3Cscript%3E"]
)
def test_only_shelves_that_are_there_can_be_opened(own, controls, key):
    """A key is what the page offered, and nothing else."""
    assert own.post(f"/shelves/{key}", headers=OURS).status_code == 404
    assert controls.opened == []


def test_the_people_of_a_shelf_that_was_just_opened_are_known(backend, controls):
    """The list of people is kept for a while, but not beyond the shelf that it belongs to."""
    app = create_app(backend, WebConfig(people_ttl_s=60), controls=controls)
    client = TestClient(app, base_url="http://localhost")
    client.get("/")
    controls.finish("world")
    backend.people = {7: "Mira"}
    backend.default_id = 7

    assert "Looking as Mira" in client.get("/").text


# ---------------------------------------------------------------- shards


def test_a_shard_that_is_stopped_is_told_plainly(own, controls):
    """PS-38: the page says how much of the index answered, and how to have it back."""
    response = own.post("/shards/1/stop", data={"next": "/search?q=cat"}, headers=OURS)
    page = own.get(response.headers["location"]).text

    assert controls.stopped == {1}
    assert "Half of the index answered: shard 1 is stopped." in page
    assert "Shard 1: stopped" in page
    assert 'formaction="/shards/1/start"' in page

    own.post("/shards/1/start", data={"next": "/search?q=cat"}, headers=OURS)
    assert "of the index answered:" not in own.get("/search?q=cat").text


@pytest.mark.parametrize("number", ["2", "-1", "x", "9" * 5_000, "٣", "1.0"])
def test_only_shards_that_are_there_can_be_stopped(own, controls, number):
    """Numbers of the open shelf."""
    assert own.post(f"/shards/{number}/stop", headers=OURS).status_code == 404
    assert controls.stopped == set()


def test_with_all_shards_stopped_the_page_still_offers_to_start_them(
    make_client, backend, controls, with_failure
):
    """Nobody is locked out by a button of ours."""
    controls.stopped = {0, 1}
    client = make_client(with_failure(backend, TryElsewhere("no shard answered")), controls)
    page = client.get("/search?q=cat")

    assert page.status_code == 503
    assert "Start shard 0" in page.text
    assert "Start shard 1" in page.text


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_changes_lead_back_into_this_site_only(own, target):
    """An open redirect would lend our name to others."""
    response = own.post("/shards/1/stop", data={"next": target}, headers=OURS)

    assert response.headers["location"] == "/"


# ---------------------------------------------------------------- friends


def test_a_friendship_is_ended_and_the_page_offers_to_undo_it(own, controls):
    """PS-38: by a form in the menu of people, and back by one beside the notice."""
    assert 'formaction="/friends/2/end"' in own.get("/search?q=cat").text
    response = own.post(
        "/friends/2/end", data={"viewer": "1", "next": "/search?q=cat"}, headers=OURS
    )
    assert response.headers["location"] == "/search?q=cat&ended=2"
    page = own.get(response.headers["location"]).text

    assert controls.friends(1) == ()
    assert "Ada and Ben are not friends any more" in page
    assert 'action="/friends/2/make"' in page

    again = own.post(
        "/friends/2/make", data={"viewer": "1", "next": "/search?q=cat&ended=2"}, headers=OURS
    )
    assert again.headers["location"] == "/search?q=cat"
    assert controls.friends(1) == (Friend(2, "Ben"),)


def test_the_friends_are_those_of_whom_the_address_names(own):
    """Cleo has none: nothing of Ada's friends is on her page."""
    page = own.get("/?viewer=3").text

    assert "/friends/" not in page


@pytest.mark.parametrize("ended", ["2", "1", "99", "x", "-1", "9" * 5_000])
def test_an_address_cannot_claim_an_end_that_never_was(own, ended):
    """Ben is a friend, Ada is oneself, the others are nobody."""
    assert "not friends any more" not in own.get(f"/?ended={ended}").text


@pytest.mark.parametrize("viewer", ["", "9", "x", "9" * 5_000])
def test_only_people_of_this_shelf_have_friends_to_lose(own, controls, viewer):
    """The form says who; a stranger is refused."""
    response = own.post("/friends/2/end", data={"viewer": viewer}, headers=OURS)

    assert response.status_code == 404
    assert controls.friends(1) == (Friend(2, "Ben"),)


def test_a_folder_of_photos_has_no_friends(make_client, empty_backend, controls):
    """There is one owner."""
    controls.backend = empty_backend
    client = make_client(empty_backend, controls)

    assert "/friends/" not in client.get("/").text
    assert client.post("/friends/2/end", data={"viewer": "1"}, headers=OURS).status_code == 404


# ---------------------------------------------------------------- words


HOSTILE = '"><script>alert(1)</script>{{7*7}}'


def test_hostile_titles_messages_and_names_stay_text(own, backend, controls):
    """A folder may be called anything, and so may a friend."""
    for key, offer in list(controls.offers.items()):
        controls.offers[key] = replace(offer, title=HOSTILE, about=HOSTILE)
    controls.tell("world", ShelfState.FAILED, message=HOSTILE)
    backend.people[2] = HOSTILE
    for path in ("/", "/search?q=cat", "/?ended=3"):
        page = own.get(path).text
        assert "<script>alert" not in page
        assert "{{7*7}}" in page


def test_the_offer_counts_as_people_do(controls):
    """One picture, and a count that was cut short."""
    offer = controls.offers["pictures"]

    assert offer_view(replace(offer, photos=1)).line == "Your pictures folder has 1 picture."
    assert offer_view(replace(offer, photos=1)).action == "Search it"
    cut = offer_view(replace(offer, photos=50_000, at_least=True))
    assert cut.line == "Your pictures folder has at least 50,000 pictures."
    assert offer_view(replace(offer, photos=None)).line == "Pictures on this machine"


def test_a_world_of_thousands_fits_a_menu(make_client, backend, controls):
    """Who is looking and friends have buttons; everybody else is found by name or number."""
    backend.people |= {number: f"Person {number}" for number in range(4, 2_001)}
    controls.friendships.add(frozenset({1, 1_500}))
    client = make_client(backend, controls)
    page = client.get("/").text

    assert page.count('class="person"') == 8
    assert page.index('value="1500"') < page.index('value="3"')
    chosen = client.post("/viewer", data={"who": " person 1999 "}, headers=OURS)
    assert "alicorn_viewer=1999" in chosen.headers["set-cookie"]
    assert client.post("/viewer", data={"who": "Nobody"}, headers=OURS).status_code == 404


def test_what_may_be_changed_asks_for_friends_only_where_there_are_people(controls):
    """Off the sample shelf the controls need not know of friends."""
    seen = control_view(controls, viewer=1, people=(), ended=2)

    assert (seen.friends, seen.former) == ((), None)


def test_a_form_of_another_shelf_changes_nothing(own, controls):
    """Numbers mean other people there."""
    before = _state(controls)
    response = own.post("/friends/2/end", data={"viewer": "1", "shelf": "elsewhere"}, headers=OURS)

    assert response.status_code == 400
    assert "load the page again" in response.text
    assert before == _state(controls)
    page = own.get("/search?q=cat").text
    assert re.search(r'name="shelf" value="(\w+)"', page)
