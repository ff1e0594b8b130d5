"""The page in a real browser: what people see, and what the browser complains of."""

from __future__ import annotations

import itertools

import pytest

from alicorn.api.search.v1 import search_pb2 as pb

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(browse, server):
    """Open pages of the sample shelf; fails if the browser complained of anything."""
    with browse(server.address) as opening:
        yield opening


@pytest.fixture
def many(backend):
    """Give the shelf enough photos for several rows."""
    sizes = itertools.cycle([(120, 80), (80, 120), (100, 100), (160, 90)])
    for number in range(24):
        backend.add(
            caption=f"hill {number}",
            tags={"hill": 0.9},
            author=1,
            size=next(sizes),
            place="Oslo, NO",
        )
    return backend


def test_a_search_is_typed_and_answered(open_page):
    """The first thing that anybody does."""
    page = open_page("/")
    page.fill("#q", "cat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=cat")

    assert page.locator(".chip-words").all_inner_texts() == ["cat"]
    assert page.locator(".tile:visible").count() == 3


def test_pictures_are_there(open_page):
    """An image that the policy blocked would be an empty box."""
    page = open_page("/search?q=cat")

    assert page.evaluate(
        "[...document.querySelectorAll('.tile:not([hidden]) img')]"
        ".every((img) => img.complete && img.naturalWidth > 0)"
    )


def test_rows_are_justified_and_pictures_keep_their_shape(open_page, many):
    """Tiles of a row end at one height, full rows at the right edge, and nothing is squeezed."""
    page = open_page("/search?q=hill")
    tiles = page.evaluate(
        """[...document.querySelectorAll('.tile')].map((tile) => {
             const box = tile.getBoundingClientRect();
             const img = tile.querySelector('img');
             return [box.top, box.width, box.height, box.right,
                     img.getAttribute('width') / img.getAttribute('height')];
           })"""
    )
    right = page.evaluate("document.querySelector('.grid').getBoundingClientRect().right")
    rows = [list(row) for _, row in itertools.groupby(tiles, key=lambda tile: round(tile[0]))]

    assert len(rows) > 2
    for row in rows:
        heights = [tile[2] for tile in row]
        assert max(heights) - min(heights) < 1
        assert all(abs(width / height / ratio - 1) < 0.03 for _, width, height, _, ratio in row)
    assert all(abs(row[-1][3] - right) < 1 for row in rows[:-1])


def test_the_keyboard_is_enough(open_page, many):
    """`/` to search, arrows among photos, Enter to open, arrows in the panel, Esc to close."""
    page = open_page("/search?q=hill")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    focused = "document.activeElement.closest('.tile')?.dataset.photo"
    second = page.evaluate(focused)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) not in {second, None}
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == second

    page.keyboard.press("Enter")
    panel = page.locator("#details")
    panel.wait_for(state="visible")
    assert panel.locator("h2").inner_text() == "hill 1"
    page.keyboard.press("ArrowRight")
    assert panel.locator("h2").inner_text() == "hill 2"
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    assert page.evaluate(focused) is not None


def test_the_panel_explains_the_photo(open_page):
    """Tags with their confidence, why it is there, the chain, and where it lies."""
    page = open_page("/search?q=cat")
    page.locator(".tile .open").first.click()
    panel = page.locator("#details")
    panel.locator(".steps").wait_for()

    text = panel.inner_text()
    for expected in (
        "a cat on the sofa",
        "97 %",
        "shows cat",
        "Number 1 in “Your photos and friends'”",
        "cat → tag:cat",
        "holiday/0001.jpg",
        "1 similar",
    ):
        assert expected in text


def test_near_copies_unfold_and_fold(open_page):
    """PS-46: one result for a near-copy pair, the copy on demand."""
    page = open_page("/search?q=cat")
    badge = page.locator(".badge")
    copy = page.locator("[data-copy-of='1']")
    assert copy.is_hidden()
    badge.click()
    assert copy.is_visible()
    assert badge.get_attribute("aria-expanded") == "true"
    badge.click()
    assert copy.is_hidden()


def test_the_viewer_is_switched_from_the_corner(open_page):
    """The browser's own form passes the forgery check, and the photos change."""
    page = open_page("/search?q=cat")
    page.click(".people summary")
    page.get_by_role("button", name="Cleo").click()
    page.wait_for_load_state("networkidle")

    assert page.locator("[data-photo='3']").count() == 0
    assert page.url.endswith("/search?q=cat")


def test_everything_works_without_scripts(open_page):
    """Search, open a photo, switch the viewer: plain links and forms."""
    page = open_page("/", java_script_enabled=False)
    page.fill("#q", "cat")
    page.keyboard.press("Enter")
    page.locator(".tile .open").first.click()
    assert "Number 1 in" in page.locator(".photo-page").inner_text()
    page.locator(".back a").click()
    page.click(".people summary")
    page.get_by_role("button", name="Cleo").click()

    assert page.locator("[data-photo='3']").count() == 0


@pytest.mark.parametrize("path", ["/", "/search?q=cat", "/photo/1?q=cat"])
def test_a_phone_needs_no_sideways_scrolling(open_page, many, path):
    """360 px is the narrowest phone that is common."""
    page = open_page(path)
    page.set_viewport_size({"width": 360, "height": 740})

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("#q").bounding_box()["width"] > 150


def test_the_panel_fits_a_phone(open_page):
    """The whole screen, and nothing cut off."""
    page = open_page("/search?q=cat")
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator(".tile .open").first.click()
    box = page.locator("#details").bounding_box()

    assert (box["x"], box["width"]) == (0, 360)
    assert page.evaluate("document.getElementById('details').scrollWidth") <= 360


def _contrast(page, selector: str) -> float:
    """Return the contrast of an element's text with the page's ground (WCAG 2, 1.4.3)."""
    return page.evaluate(
        """(selector) => {
             const light = (colour) => {
               const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
                 const value = part / 255;
                 return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
               });
               return 0.2126 * r + 0.7152 * g + 0.0722 * b;
             };
             const ink = light(getComputedStyle(document.querySelector(selector)).color);
             const ground = light(getComputedStyle(document.body).backgroundColor);
             return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
           }""",
        selector,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system_and_stay_readable(open_page, scheme):
    """At least 4.5 : 1 for words, quiet ones included."""
    page = open_page("/search?q=cat", color_scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert (ground == "rgb(18, 18, 20)") == (scheme == "dark")
    for selector in (".module h2", ".foot", ".understood"):
        assert _contrast(page, selector) >= 4.5, selector


def test_nothing_moves_for_those_who_asked_for_rest(open_page):
    """Reduced motion: no animation when a panel opens."""
    page = open_page("/search?q=cat", reduced_motion="reduce")
    page.locator(".tile .open").first.click()

    assert page.evaluate("document.getAnimations().length") == 0


def test_photos_appear_while_they_are_understood(open_page, backend):
    """PS-05: each is on the page soon after it is understood, without a reload."""
    backend.understanding = pb.Understanding(found=6, done=5, running=True, per_second=1)
    # The page looks at the progress again and again, so that the network is never idle.
    page = open_page("/search?q=cat", until="load")
    assert page.locator("#progress-detail").inner_text().startswith("5 of 6")
    page.wait_for_timeout(400)
    fresh = backend.add(caption="a new cat", tags={"cat": 0.9}, author=1)
    backend.understanding = pb.Understanding(found=6, done=6, running=False)
    page.locator(f"[data-photo='{fresh}']").wait_for(timeout=5_000)

    page.locator("#progress").wait_for(state="hidden", timeout=5_000)
    assert page.locator("[data-copy-of]").is_hidden()


def test_hostile_words_run_nothing(open_page, backend):
    """Cross-site scripting in the browser itself, through the page and the panel."""
    attack = (
        "\"><img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>"
    )
    backend.add(caption="bait " + attack, tags={attack: 0.9}, author=1, uri=attack)
    page = open_page("/search?q=bait")
    page.locator(".tile .open").first.click()
    page.locator("#details .steps").wait_for()

    assert page.locator("#details img[src=x], #details script").count() == 0
    assert "pwned" not in page.title()
