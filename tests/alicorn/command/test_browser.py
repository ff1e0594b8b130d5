"""A browser is opened where somebody sits in front of it, and nowhere else."""

from __future__ import annotations

import sys
import threading

import pytest

from alicorn.command import browser


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Sit at a terminal of a Linux desktop."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return monkeypatch


def test_at_a_desk_the_page_opens_by_itself(desk: pytest.MonkeyPatch) -> None:
    """By X, by Wayland, and where there always is a screen."""
    assert browser.is_wanted(None)

    desk.delenv("DISPLAY")
    desk.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert browser.is_wanted(None)
    desk.delenv("WAYLAND_DISPLAY")
    desk.setattr(sys, "platform", "darwin")
    assert browser.is_wanted(None)


def test_without_a_screen_or_a_terminal_it_does_not(desk: pytest.MonkeyPatch) -> None:
    """A browser for the terminal would take it over; a service has nobody who looks."""
    desk.setenv("DISPLAY", "")
    assert not browser.is_wanted(None)

    desk.setenv("DISPLAY", ":0")
    desk.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert not browser.is_wanted(None)


def test_what_was_chosen_counts(desk: pytest.MonkeyPatch) -> None:
    """`--no-open` at a desk, `--open` anywhere."""
    assert not browser.is_wanted(False)

    desk.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert browser.is_wanted(True)


def test_a_browser_that_takes_its_time_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some return only when their window is closed."""
    opened, closed = threading.Event(), threading.Event()
    addresses: list[str] = []

    def slow(address: str) -> bool:
        addresses.append(address)
        opened.set()
        return closed.wait(30)

    monkeypatch.setattr("webbrowser.open", slow)
    browser.open_page("http://127.0.0.1:8737")

    assert opened.wait(30)
    assert not closed.is_set()
    assert addresses == ["http://127.0.0.1:8737"]
    closed.set()
