"""The pages as a browser without scripts gets them."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import TryElsewhere


def test_the_first_page_shows_the_newest_photos(client):
    """Before anything is typed there is already something to look at."""
    page = client.get("/").text

    assert "Your photos and friends&#39;" in page
    assert 'src="/thumb/1"' in page
    assert '<a href="/search?q=cat">cat</a>' in page


def test_social_stands_above_public(client):
    """PS-38: the top part is social, the bottom part public."""
    page = client.get("/search?q=cat").text

    assert page.index('data-module="social"') < page.index('data-module="public"')


def test_an_answer_tells_how_it_was_understood_and_how_complete_it_is(client):
    """The line under the box, and the quiet one at the end."""
    page = client.get("/search?q=cat").text

    assert '<span class="chip-words" lang="en">cat</span>' in page
    assert "3 photos · 12 ms · 2 of 2 shards · 100 % of the index" in page


def test_photos_carry_why_tags_and_where_they_lie(client):
    """PS-46: a near-copy is one result with a badge; the details hold the rest."""
    page = client.get("/search?q=cat").text

    assert "+1 similar" in page
    assert "shows cat" in page
    assert "97 %" in page
    assert "holiday/0001.jpg" in page
    assert 'data-copy-of="1"' in page


def test_a_missing_shard_is_told_on_the_page(client, backend):
    """A partial answer must not look complete."""
    backend.answered = 1

    assert "Only 1 of 2 shards answered" in client.get("/search?q=cat").text


def test_what_is_near_in_meaning_is_offered_where_nothing_matches(make_client, empty_backend):
    """PS-30: a link for each, escaped."""
    empty_backend.related = ("wading bird", HOSTILE)
    page = make_client(empty_backend).get("/search?q=ibis").text

    assert 'href="/search?q=wading%20bird"' in page
    assert HOSTILE not in page


def test_notices_are_shown(client, backend):
    """What the aggregator wants a person to know reaches the person."""
    backend.notices = ("nothing here shows a zebra",)

    assert "nothing here shows a zebra" in client.get("/search?q=cat").text


def test_an_empty_shelf_is_not_told_that_nothing_matches(make_client, empty_backend):
    """Nobody asked for anything."""
    empty_backend.notices = ("nothing matches",)
    client = make_client(empty_backend)

    assert "nothing matches" not in client.get("/").text
    assert "nothing matches" in client.get("/search?q=cat").text


def test_nothing_found_suggests_what_there_is(client):
    """An empty page with a way on: concepts from the viewer's own photos."""
    page = client.get("/search?q=submarine").text

    assert "Nothing matches “submarine”" in page
    assert '<a href="/search?q=cat">cat</a>' in page


def test_suggestions_know_only_what_the_viewer_may_see(client):
    """Cleo is not told that somebody has a photo of a dog for friends only."""
    page = client.get("/search?q=submarine&viewer=3").text

    assert "secret" not in page


@pytest.mark.parametrize("query", ["", "%20%20", "%09%0a"])
def test_a_blank_query_shows_the_newest_photos_and_says_so(client, query):
    """Pressing Enter in an empty box is no error."""
    response = client.get(f"/search?q={query}")

    assert response.status_code == 200
    assert "Nothing was typed" in response.text


def test_a_query_of_ten_thousand_characters_gets_a_clear_answer(client):
    """400 with what was found and what is needed; the box keeps what it can take."""
    response = client.get("/search", params={"q": "x" * 10_000})

    assert response.status_code == 400
    assert "1000 characters, got 10000" in response.text
    assert "x" * 1_001 not in response.text


@pytest.mark.parametrize(
    "query", ["🐈‍⬛🎉", "кошка", "كلب", "猫 と 犬", "e\u0301té", "\u202egpj", "a\x00b"]
)
def test_any_script_can_be_searched(client, query):
    """Emoji, right-to-left, combining marks: typed, searched and shown again."""
    page = client.get("/search", params={"q": query})

    assert page.status_code == 200
    assert client.get("/api/search", params={"q": query}).json()["query"] == query


def test_bytes_that_are_no_text_do_not_break_the_page(client):
    """An address may hold any bytes."""
    assert client.get("/search?q=%ff%fe%00").status_code == 200


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'


class Markup(HTMLParser):
    """The elements of a page, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one element."""
        self.found.append((tag, dict(attrs)))


def test_a_hostile_query_stays_text(client):
    """Cross-site scripting: what was typed is shown, never run."""
    for path in ("/search", "/photo/1"):
        page = client.get(path, params={"q": HOSTILE}).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert html.escape(HOSTILE)[:20].replace("&quot;", "&#34;") in page or path == "/photo/1"


def test_hostile_photos_stay_text(client, backend):
    """Captions, tags, names, places and uris are written by anybody."""
    backend.people[4] = HOSTILE
    photo_id = backend.add(
        caption="cat " + HOSTILE,
        tags={HOSTILE: 0.9, "cat": 0.5},
        author=4,
        uri="javascript:alert(1)//" + HOSTILE,
        place=HOSTILE,
    )
    backend.fold(backend.add(uri=HOSTILE), photo_id, HOSTILE)
    backend.notices = (HOSTILE,)
    backend.library = HOSTILE
    for path in ("/", "/search?q=cat", f"/photo/{photo_id}?q=cat"):
        page = client.get(path).text
        for tag, attributes in Markup(page).found:
            assert not any(name.startswith("on") for name in attributes)
            assert tag != "script" or attributes["src"].startswith("/static/")
            assert tag != "img" or attributes["src"].startswith("/thumb/")
            assert not attributes.get("href", "/").startswith("javascript")
        assert "{{7*7}}" in page


def test_no_page_holds_inline_styles_or_scripts(client):
    """The content security policy would drop them, and the page would be broken in silence."""
    for path in ("/", "/search?q=cat", "/search?q=none", "/photo/1?q=cat", "/nowhere"):
        page = client.get(path).text
        assert "style=" not in page
        assert "<style" not in page
        assert not re.search(r"\son\w+=", page)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_the_page_of_a_photo_explains_it_without_scripts(client):
    """The link of a tile works everywhere: picture, tags and the chain from word to rank."""
    page = client.get("/photo/1?q=cat").text

    assert "Number 1 in “Your photos and friends&#39;”" in page
    assert "cat → tag:cat" in page
    assert 'href="/search?q=cat"' in page


@pytest.mark.parametrize("photo", ["3", "999", "abc", "9" * 5_000, "-1"])
def test_a_photo_that_one_may_not_see_is_as_one_that_is_not_there(client, photo):
    """One cannot tell a hidden photo from none."""
    hidden = client.get(f"/photo/{photo}?q=cat&viewer=3")

    assert hidden.status_code == 404
    assert "There is nothing here" in hidden.text


def test_an_expression_that_does_not_parse_names_its_column(client):
    """The next step is in the message."""
    page = client.get("/search", params={"q": "(and tag:cat", "as": "expression"})

    assert page.status_code == 400
    assert "column 13" in page.text
    assert "(and tag:cat" in page.text


def test_a_server_that_is_away_gets_a_page_and_a_time_to_retry(make_client, backend, with_failure):
    """The page still looks like itself, asks nothing of the backend, and says what to do."""
    client = make_client(with_failure(backend, TryElsewhere("no shard answered")))
    page = client.get("/search?q=cat")

    assert page.status_code == 503
    assert page.headers["retry-after"] == "2"
    assert "does not answer" in page.text
    assert 'href="/search?q=cat">Try again' in page.text


def test_an_unexpected_error_tells_nothing_of_itself(backend, with_failure, make_client):
    """500 with the security headers, and not a word of the traceback."""
    client = make_client(with_failure(backend, RuntimeError("secret path /srv/x")))
    client._transport.raise_server_exceptions = False
    for path in ("/", "/api/search?q=cat", "/thumb/1"):
        response = client.get(path)
        assert response.status_code == 500
        assert "secret path" not in response.text
        assert "content-security-policy" in response.headers


def test_an_empty_folder_says_what_to_do(make_client, empty_backend):
    """The first thing that a person may see must not be a blank page."""
    page = make_client(empty_backend).get("/").text

    assert "No photos yet" in page
    assert "make run PHOTOS=~/Pictures" in page


def test_progress_is_on_the_page_while_photos_are_understood(make_client, empty_backend):
    """With figures from the first moment, scripts or not."""
    empty_backend.understanding = pb.Understanding(
        found=1_200, done=300, failed=2, per_second=12.5, running=True
    )
    page = make_client(empty_backend).get("/").text

    assert "300 of 1,200 · 12.5 a second · 2 could not be read" in page
    assert 'value="25"' in page
    assert "Your photos are being understood" in page


def test_the_part_that_renews_is_the_results_alone(client):
    """The page's script replaces it; a whole page inside a page would double the search box."""
    part = client.get("/search?q=cat&part=results").text

    assert "<html" not in part
    assert 'data-photo="1"' in part


def test_a_method_that_a_page_does_not_take_is_refused(client):
    """405 names what is allowed."""
    response = client.get("/viewer")

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
