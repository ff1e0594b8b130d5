"""What the page may change, in a real browser: chips, shelves, dropped photos, shards, friends."""

from __future__ import annotations

import base64

import pytest

from webtier.controls import ShelfState

pytestmark = pytest.mark.browser

JPEG = b"\xff\xd8\xff" + bytes(range(256))

# A browser cannot be made to drag a real file, so a transfer is filled by hand and thrown.
_THROW = """([kind, files]) => {
  const transfer = new DataTransfer();
  for (const [name, content, type] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  document.querySelector("main").dispatchEvent(
    new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


def _throw(page, kind, *files):
    encoded = [(name, base64.b64encode(content).decode(), media) for name, content, media in files]
    page.evaluate(_THROW, [kind, encoded])


@pytest.fixture
def open_page(browse, own_server):
    """Open pages of one's own machine; fails if the browser complained of anything."""
    with browse(own_server.address) as opening:
        yield opening


@pytest.fixture
def open_page_with_refusals(browse, own_server):
    """As `open_page`, where the server refuses something on purpose."""
    with browse(own_server.address, ("the server responded with a status of 400",)) as opening:
        yield opening


def test_a_chip_is_taken_away_with_the_keyboard(open_page):
    """Tab to its cross, Enter, and the rest is searched."""
    page = open_page("/search?q=cat+window")
    page.locator(".chip-remove").first.focus()
    assert page.evaluate("document.activeElement.ariaLabel") == "Search without “cat”"
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=window")

    assert page.locator(".chip-words").all_inner_texts() == ["window"]


def test_chips_are_large_enough_for_a_finger_and_fit_a_phone(open_page, backend):
    """WCAG 2.2, 2.5.8: 24 px; and a long guess breaks its lines."""
    backend.nearest["spoonbill"] = ["greater flamingo", "white stork", "american coot"]
    page = open_page("/search?q=the+spoonbill+cat+year:2016")
    page.set_viewport_size({"width": 360, "height": 740})
    boxes = [link.bounding_box() for link in page.locator(".chip-remove").all()]

    assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_shelf_is_opened_and_the_page_goes_there_when_it_is_made(open_page, controls):
    """One click, a bar that moves without a reload, and then the shelf."""
    page = open_page("/")
    page.get_by_role("button", name="Open it: A synthetic world").first.click()
    page.wait_for_load_state()
    controls.tell("world", ShelfState.PREPARING, percent=37, message="37,000 photos drawn")
    page.locator(".offers", has_text="37,000 photos drawn").wait_for()
    assert page.locator(".offers progress").evaluate("(bar) => bar.value") == 37

    controls.finish("world")
    page.locator(".menu-name", has_text="A synthetic world").wait_for()
    assert page.locator("[data-shelf]").count() == 0
    assert controls.opened == ["world"]


def test_a_search_that_is_being_typed_is_not_taken_away(open_page, controls):
    """The shelf is ready; whoever is typing finds it with the search."""
    controls.open_shelf("world")
    page = open_page("/", until="load")
    page.fill("#q", "half a wor")
    with page.expect_response("**/api/shelves"):
        controls.finish("world")
    page.wait_for_timeout(600)

    assert page.input_value("#q") == "half a wor"


def test_shelves_open_without_scripts(open_page, controls):
    """A form, and a page that looks again by itself."""
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("button", name="Open it: A synthetic world").first.click()
    assert page.locator(".offers progress").count() == 1
    controls.finish("world")
    page.locator(".menu-name", has_text="A synthetic world").wait_for(timeout=8_000)


def test_menus_close_one_another_and_on_escape(open_page):
    """As menus do; the focus goes back to the button."""
    page = open_page("/")
    page.click(".shelves summary")
    page.click(".people summary")
    assert page.locator(".shelves .menu-panel").is_hidden()
    page.keyboard.press("Escape")

    assert page.locator(".people .menu-panel").is_hidden()
    assert page.evaluate("document.activeElement.closest('.menu').classList.contains('people')")


# ---------------------------------------------------------------- dropped photos


def test_photos_dropped_anywhere_are_taken_in(open_page, controls):
    """The whole page is the zone; the names with their letters, the content byte for byte."""
    page = open_page("/search?q=cat")
    _throw(page, "dragover", ("a.jpg", JPEG, "image/jpeg"))
    assert page.locator("#dropzone").is_visible()
    files = [
        (f"Plätze & {number}.jpg", JPEG + bytes([number]), "image/jpeg") for number in range(5)
    ]
    _throw(page, "drop", *files, (".DS_Store", b"x", ""))
    page.locator(".menu-name", has_text="Dropped photos").wait_for()

    assert controls.dropped == {name: content for name, content, _ in files}
    assert page.url.endswith("/")
    assert page.locator("#dropzone").is_hidden()


def test_what_is_refused_is_named_with_the_reason(open_page_with_refusals, controls):
    """The others are taken in all the same, and the page stays for what there is to read."""
    page = open_page_with_refusals("/")
    _throw(
        page,
        "drop",
        ("good.jpg", JPEG, "image/jpeg"),
        ("film.mp4", b"x", "video/mp4"),
        ("<img src=x onerror=alert(1)>.jpg", b"words", "image/jpeg"),
        ("big.jpg", JPEG + bytes(controls.most_dropped_bytes), "image/jpeg"),
    )
    page.get_by_text("1 photo taken in").wait_for()
    lines = page.locator("#uploads-refused li").all_inner_texts()

    assert sorted(lines) == [
        "<img src=x onerror=alert(1)>.jpg '<img src=x onerror=alert(1)>.jpg' is no picture",
        "big.jpg it is larger than 100 kB",
        "film.mp4 it is no picture",
    ]
    assert page.locator("#uploads a").is_visible()
    page.get_by_role("button", name="Close").click()
    assert page.locator("#uploads").is_hidden()


def test_the_page_leads_to_the_dropped_shelf_with_the_first_photo(open_page, controls, backend):
    """Before the others have arrived."""
    taken = controls.drop

    def drop(name, chunks):
        taken(name, chunks)
        backend.add(caption=f"fresh {name}", tags={"fresh": 0.9}, author=1)

    controls.drop = drop
    page = open_page("/search?q=dog")
    # The second stays on its way for as long as this page is open.
    page.route(
        "**/api/drop",
        lambda route: (
            route.continue_() if route.request.headers["x-alicorn-name"] == "1.jpg" else None
        ),
    )
    _throw(page, "drop", ("1.jpg", JPEG, "image/jpeg"), ("2.jpg", JPEG, "image/jpeg"))
    page.locator(".tile img[alt='fresh 1.jpg']").wait_for()

    assert page.evaluate("location.pathname + location.search") == "/"
    assert page.locator("#uploads-detail").inner_text() == "1 of 2"
    page.get_by_role("button", name="Stop").click()
    page.locator(".menu-name", has_text="Dropped photos").wait_for()
    assert list(controls.dropped) == ["1.jpg"]


def test_the_page_stays_until_the_dropped_shelf_is_open(open_page, controls):
    """It is opened behind the answer; nobody is led to the shelf that was open before."""
    taken = controls.drop

    def drop(name, chunks):
        taken(name, chunks)
        controls.tell("dropped", ShelfState.PREPARING)
        controls.tell("sample", ShelfState.OPEN)

    controls.drop = drop
    page = open_page("/search?q=cat")
    with page.expect_response("**/api/shelves"):
        _throw(page, "drop", ("1.jpg", JPEG, "image/jpeg"))
    page.get_by_text("1 photo taken in").wait_for()
    assert page.url.endswith("/search?q=cat")
    controls.finish("dropped")
    page.locator(".menu-name", has_text="Dropped photos").wait_for()

    assert page.locator(".people").count() == 1


def test_a_folder_is_chosen_with_all_that_lies_in_it(open_page, controls, tmp_path):
    """For those who cannot drag: paths below the folder are kept."""
    (tmp_path / "Trip" / "Day 1").mkdir(parents=True)
    (tmp_path / "Trip" / "Day 1" / "a.jpg").write_bytes(JPEG)
    (tmp_path / "Trip" / "b.jpg").write_bytes(JPEG)
    (tmp_path / "Trip" / "Thumbs.db").write_bytes(b"x")
    page = open_page("/")
    page.locator(".offers input[webkitdirectory]").set_input_files(tmp_path / "Trip")
    page.locator(".menu-name", has_text="Dropped photos").wait_for()

    assert set(controls.dropped) == {"Trip/Day 1/a.jpg", "Trip/b.jpg"}


def test_a_picture_of_the_page_itself_is_not_taken_in(open_page, controls):
    """Dragging a thumbnail about must not copy it."""
    page = open_page("/")
    page.evaluate(
        "document.querySelector('.tile img').dispatchEvent("
        "new DragEvent('dragstart', { bubbles: true, dataTransfer: new DataTransfer() }))"
    )
    _throw(page, "dragover", ("a.jpg", JPEG, "image/jpeg"))
    _throw(page, "drop", ("a.jpg", JPEG, "image/jpeg"))

    assert page.locator("#dropzone").is_hidden()
    assert page.locator("#uploads").is_hidden()
    assert controls.dropped == {}


def test_photos_are_added_without_scripts(open_page, controls, tmp_path):
    """A form that any browser can send."""
    (tmp_path / "a.jpg").write_bytes(JPEG)
    page = open_page("/", java_script_enabled=False)
    page.locator(".offers input[name='photos']").set_input_files(tmp_path / "a.jpg")
    page.locator(".offers").get_by_role("button", name="Add them").click()

    assert controls.dropped == {"a.jpg": JPEG}
    assert page.locator(".with-script").first.is_hidden()


# ---------------------------------------------------------------- shards and friends


def test_a_shard_is_stopped_from_the_page_and_started_again(open_page, controls):
    """In place: the panel stays open, the focus stays, and the page says what is missing."""
    page = open_page("/search?q=cat")
    page.click("#answered summary")
    page.get_by_role("button", name="Stop shard 1").click()
    page.get_by_text("Half of the index answered: shard 1 is stopped.").wait_for()

    assert controls.stopped == {1}
    assert page.evaluate("document.activeElement.dataset.shard") == "1"
    page.keyboard.press("Enter")
    page.get_by_text("Half of the index answered").wait_for(state="detached")
    assert page.get_by_role("button", name="Stop shard 1").is_visible()
    assert page.url.endswith("/search?q=cat")
    assert controls.stopped == set()


def test_what_was_pressed_stays_under_the_pointer(open_page, backend):
    """A notice above the photos must not move the button that was pressed."""
    for number in range(60):
        backend.add(caption=f"hill {number}", tags={"hill": 0.9}, author=1)
    page = open_page("/search?q=hill")
    page.click("#answered summary")
    button = page.locator("[data-shard='1']")
    button.scroll_into_view_if_needed()
    before = button.bounding_box()["y"]
    button.click()
    page.get_by_text("Half of the index answered").wait_for()

    assert abs(button.bounding_box()["y"] - before) < 2


def test_a_friendship_ends_and_is_undone(open_page, controls):
    """From the menu of people, and back from the notice."""
    page = open_page("/search?q=cat")
    page.click(".people summary")
    page.get_by_role("button", name="End the friendship with Ben").click()
    page.get_by_text("Ada and Ben are not friends any more").wait_for()
    assert controls.friends(1) == ()
    page.locator(".undo button").click()
    page.wait_for_url("**/search?q=cat")

    assert [friend.name for friend in controls.friends(1)] == ["Ben"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1_200])
def test_everything_that_opens_fits_the_screen(open_page, controls, scheme, width):
    """Menus and panels, on a phone and a desktop, without sideways scrolling."""
    controls.stopped = {1}
    page = open_page("/search?q=cat", color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 740})
    for menu in (".shelves", ".people"):
        page.click(f"{menu} summary")
        box = page.locator(f"{menu} .menu-panel").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 740
        page.keyboard.press("Escape")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
