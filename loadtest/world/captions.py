"""What people write: captions and names of albums, from templates over what is known of a photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from string import Formatter
from typing import Final

import msgspec

__all__ = ["album_of", "caption_of", "first_name", "thing_of"]

_FALLBACK: Final = "en"


class _Language(msgspec.Struct, forbid_unknown_fields=True):
    templates: list[str]
    conjunction: str = msgspec.field(name="and")


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    captions: dict[str, _Language]


@cache
def _languages() -> Mapping[str, tuple[str, tuple[tuple[str, frozenset[str]], ...]]]:
    """Return, by language, its "and" and its templates with what each needs."""
    text = resources.files(__package__).joinpath("captions.toml").read_bytes()
    return {
        language: (
            found.conjunction,
            tuple(
                (template, frozenset(name for _, name, *_ in Formatter().parse(template) if name))
                for template in found.templates
            ),
        )
        for language, found in msgspec.toml.decode(text, type=_Table).captions.items()
    }


@cache
def _fitting(language: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the templates of ``language`` that need no more than is ``known``."""
    return tuple(text for text, needs in _languages()[language][1] if needs <= known)


def caption_of(
    language: str, thing: str, title: str, place: str, who: Sequence[str], year: str, chance: float
) -> str:
    """Return a caption; empty where no template fits.

    Parameters
    ----------
    language : str
        Two letters; English where there are no captions in it.
    thing, title : str
        What is shown, and what the moment is called.
    place, year : str
        Empty when unknown.
    who : sequence of str
        First names of friends in the picture.
    chance : float
        In [0, 1): which template.
    """
    written = language if language in _languages() else _FALLBACK
    conjunction, _ = _languages()[written]
    between = f" {conjunction} " if conjunction.isascii() else conjunction
    values = {
        "thing": thing,
        "a_thing": f"{'an' if thing[:1] in 'aeiou' else 'a'} {thing}",
        "title": title,
        "place": place,
        "who": between.join(who),
        "year": year,
    }
    known = frozenset(name for name, value in values.items() if value)
    templates = _fitting(written, known)
    if not templates:
        return ""
    caption = templates[int(chance * len(templates))].format_map(values)
    return caption[0].upper() + caption[1:]


def album_of(title: str, place: str, year: str) -> str:
    """Return what an album of a moment is called."""
    return " ".join(part for part in (f"{title}, {place}" if place else title, year) if part)


def thing_of(concept: str) -> str:
    """Return a concept as people call it.

    >>> thing_of("crane (bird)")
    'crane'
    """
    return concept.partition(" (")[0]


def first_name(name: str) -> str:
    """Return what friends call somebody; names without a blank are left whole."""
    return name.partition(" ")[0]
