"""Captions say only what is known."""

from __future__ import annotations

import string

import pytest

from loadtest.world.captions import album_of, caption_of, first_name, thing_of


@pytest.mark.parametrize("language", ["en", "es", "fr", "de", "it", "pt", "pl", "ja", "zh", "sw"])
@pytest.mark.parametrize("place", ["", "Lisbon"])
@pytest.mark.parametrize("who", [[], ["Ada"], ["Ada", "Ben"]])
def test_every_template_is_filled_or_left_out(language: str, place: str, who: list[str]) -> None:
    for step in range(40):
        caption = caption_of(language, "otter", "At the zoo", place, who, "", step / 40)

        assert "{" not in caption
        assert "  " not in caption
        assert not caption.endswith((" ", ",", "in", "with"))
        assert caption == "" or caption[0] not in string.ascii_lowercase


def test_a_vowel_takes_another_article() -> None:
    said = {caption_of("en", "otter", "T", "", [], "", step / 40) for step in range(40)}

    assert "What an otter" in said
    assert not any("a otter" in caption for caption in said)


def test_albums_leave_out_what_is_unknown() -> None:
    assert album_of("Snow!", "Graz", "2019") == "Snow!, Graz 2019"
    assert album_of("Snow!", "", "") == "Snow!"


def test_names_are_said_as_people_say_them() -> None:
    assert thing_of("crane (bird)") == "crane"
    assert first_name("Ada Marlow") == "Ada"
    assert first_name("小林蓮") == "小林蓮"
