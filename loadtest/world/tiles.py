"""Tiles: the small picture that stands for a photo of the world, plainly no photograph.

A tile is drawn from the photo's document alone, the same whenever it is asked for: upper and lower
colour of the scene that its tags fit best, the pictogram of its surest class, the name of that, and
the word "synthetic". Where things stand and how the colours are turned comes of its codes, by
counting the bits of runs of them: codes that differ in a few bits, as those of near-copies do, move
a tile by a pixel or two, and photos of one moment have nearly one colour.
"""

from __future__ import annotations

import colorsys
import io
from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor, ImageDraw, ImageFont

from alicorn.documents import PhotoDocument
from loadtest.world.captions import thing_of
from loadtest.world.pictograms import KINDS, PICTOGRAMS, Colour, Pen
from loadtest.world.scenes import load_scenes
from understanding.concepts.families import Family
from understanding.concepts.taxonomy import Taxonomy

__all__ = ["TILE_SIDE", "draw"]

TILE_SIDE: Final = 400
"""Pixels of the longer side."""

_QUALITY: Final = 80
_FINE: Final = 2
"""Drawn so many times larger, and made smaller, for smooth edges."""
_MARK: Final = "synthetic"
_STRETCH: Final = 3.5
"""Counts of bits keep to the middle; this spreads them over all of [0, 1]."""
_ASPECTS: Final = (0.5, 2.0)
_NARROW: Final = 330
"""Pixels of width under which the mark stands under the name."""
_UNSEEN: Final = "photo"
"""What is written where nothing was seen."""


def draw(document: PhotoDocument) -> bytes:
    """Return the tile of a photo as a JPEG."""
    width, height = (_FINE * side for side in _size(document))
    shifts = _shifts(document)
    upper, lower = (_turned(colour, shifts[0], shifts[1]) for colour in _colours(document))
    image = Image.new("RGB", (width, height), upper)
    canvas = ImageDraw.Draw(image)
    horizon = round(height * (0.5 + 0.24 * shifts[2]))
    canvas.rectangle((0, horizon, width, height), fill=lower)
    # A hill or a piece of furniture behind; it tells one photo of a moment from the next.
    middle = width * (0.1 + 0.8 * shifts[3])
    reach = width * (0.16 + 0.2 * shifts[4])
    canvas.ellipse(
        (middle - reach, horizon - reach * 0.55, middle + reach, horizon + reach * 0.55),
        fill=_between(upper, lower, 0.55),
    )
    canvas.rectangle((0, horizon + reach * 0.2, width, height), fill=lower)
    best = _surest(document)
    size = min(width, height) * (0.2 + 0.13 * shifts[5])
    _pictogram(best)(
        Pen(
            canvas,
            width * (0.32 + 0.36 * shifts[6]),
            min(horizon + size * (0.1 - 0.5 * shifts[7]), height * 0.81 - size * 0.95),
            size,
            ink=_shade(lower, 0.38),
            light=_shade(upper, 1.25),
        )
    )
    small = image.reduce(_FINE)
    _write(ImageDraw.Draw(small), thing_of(best), small.width, small.height)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _size(document: PhotoDocument) -> tuple[int, int]:
    """Return width and height in pixels, of the photo's own shape."""
    aspect = document.width / document.height if document.width and document.height else 4 / 3
    aspect = min(max(aspect, _ASPECTS[0]), _ASPECTS[1])
    if aspect >= 1:
        return TILE_SIDE, round(TILE_SIDE / aspect)
    return round(TILE_SIDE * aspect), TILE_SIDE


def _shifts(document: PhotoDocument) -> list[float]:
    """Return eight numbers in [0, 1]: two of the visual code, the others of the fingerprint."""
    numbers = []
    for code, runs in ((document.visual, 2), (document.fingerprint, 6)):
        bits = np.unpackbits(np.frombuffer(code or bytes(32), dtype=np.uint8))
        shares = [float(part.mean()) for part in np.array_split(bits, runs)]
        numbers += [min(max(0.5 + _STRETCH * (share - 0.5), 0.0), 1.0) for share in shares]
    return numbers


def _colours(document: PhotoDocument) -> tuple[Colour, Colour]:
    """Return upper and lower colour of the scene that the tags fit best."""
    fits = np.zeros(len(load_scenes()))
    for tag in document.tags:
        fits += tag.confidence * _fits().get(tag.concept, 0.0)
    colours = load_scenes().scenes[int(fits.argmax())].colours
    upper, lower = (ImageColor.getcolor(colour, "RGB") for colour in colours)
    assert isinstance(upper, tuple)
    assert isinstance(lower, tuple)
    return (upper[0], upper[1], upper[2]), (lower[0], lower[1], lower[2])


@cache
def _fits() -> dict[str, npt.NDArray[np.float64]]:
    """Return, by the name of a class, how much it belongs to each scene."""
    scenes, names = load_scenes(), Taxonomy.load().names
    found: dict[str, npt.NDArray[np.float64]] = {}
    for number in range(len(scenes)):
        shares = np.diff(scenes.chances[number], prepend=0.0)
        classes = zip(scenes.subjects[number].tolist(), shares.tolist(), strict=True)
        settings = [(int(leaf), 0.1) for leaf in scenes.settings[number]]
        for leaf, share in [*classes, *settings]:
            found.setdefault(names[leaf], np.zeros(len(scenes)))[number] += np.sqrt(share)
    return found


def _surest(document: PhotoDocument) -> str:
    """Return the surest class; concepts above it may be as sure and say less."""
    taxonomy = Taxonomy.load()
    for tag in document.tags:
        place = taxonomy.index_of.get(tag.concept)
        if place is not None and taxonomy.concepts[place].class_index is not None:
            return tag.concept
    return _UNSEEN


def _pictogram(concept: str) -> Callable[[Pen], None]:
    taxonomy = Taxonomy.load()
    place = taxonomy.index_of.get(concept)
    if place is None:
        return PICTOGRAMS[Family.OBJECT]
    (leaf, *_) = taxonomy.leaves_below[place]
    for kind, pictogram in KINDS.items():
        if leaf in taxonomy.leaves_below[taxonomy.index_of[kind]]:
            return pictogram
    return PICTOGRAMS[taxonomy.family[place]]


def _turned(colour: Colour, turn: float, brighter: float) -> Colour:
    """Return ``colour`` a little turned in hue and light, by numbers in [0, 1]."""
    hue, light, much = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    hue = (hue + 0.09 * (turn - 0.5)) % 1.0
    light = min(max(light * (0.86 + 0.28 * brighter), 0.05), 0.96)
    return _colour(*colorsys.hls_to_rgb(hue, light, min(1.0, much * (0.9 + 0.4 * turn))))


def _shade(colour: Colour, times: float) -> Colour:
    return _colour(*(min(part * times / 255, 1.0) for part in colour))


def _between(one: Colour, other: Colour, share: float) -> Colour:
    return _colour(*((a + (b - a) * share) / 255 for a, b in zip(one, other, strict=True)))


def _colour(red: float, green: float, blue: float) -> Colour:
    return round(red * 255), round(green * 255), round(blue * 255)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _write(canvas: ImageDraw.ImageDraw, name: str, width: int, height: int) -> None:
    """Write what is shown, and that it is made up, on a strip below."""
    # A narrow tile has no room for both in one line.
    stacked = width < _NARROW
    strip = 74 if stacked else 52
    canvas.rectangle((0, height - strip, width, height), fill=(28, 32, 38))
    mark, margin = _font(15), 12
    room = width - 2 * margin
    if not stacked:
        room -= margin + round(canvas.textlength(_MARK, font=mark))
    size = 24
    while size > 14 and canvas.textlength(name, font=_font(size)) > room:
        size -= 2
    line = height - strip + (26 if stacked else strip / 2)
    canvas.text((margin, line), name, font=_font(size), fill=(245, 245, 242), anchor="lm")
    under = height - 18 if stacked else line
    canvas.text((width - margin, under), _MARK, font=mark, fill=(240, 196, 92), anchor="rm")
