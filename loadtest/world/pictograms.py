"""Simple drawings of the ten families of concepts, and of some kinds that look different.

Each draws with two colours, `ink` for the figure and `light` for what stands out of it. Lengths are
shares of ``size``, the half side of the square.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from PIL import ImageDraw

from understanding.concepts.families import Family

__all__ = ["KINDS", "PICTOGRAMS", "Colour", "Pen"]

Colour: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws in shares of a square: (-1, -1) is its upper left corner, (1, 1) its lower right."""

    draw: ImageDraw.ImageDraw
    x: float
    y: float
    size: float
    ink: Colour
    light: Colour

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.size, self.y + y * self.size

    def oval(self, x0: float, y0: float, x1: float, y1: float, *, light: bool = False) -> None:
        """Fill an ellipse between two corners."""
        self.draw.ellipse((*self._at(x0, y0), *self._at(x1, y1)), fill=self._colour(light))

    def box(
        self, x0: float, y0: float, x1: float, y1: float, *, light: bool = False, round_: float = 0
    ) -> None:
        """Fill a rectangle between two corners, its own corners rounded."""
        box = (*self._at(x0, y0), *self._at(x1, y1))
        self.draw.rounded_rectangle(box, radius=round_ * self.size, fill=self._colour(light))

    def shape(self, *points: tuple[float, float], light: bool = False) -> None:
        """Fill a polygon."""
        self.draw.polygon([self._at(*point) for point in points], fill=self._colour(light))

    def line(self, points: Sequence[tuple[float, float]], width: float) -> None:
        """Draw a line through points."""
        self.draw.line(
            [self._at(*point) for point in points],
            fill=self.ink,
            width=max(1, round(width * self.size)),
            joint="curve",
        )

    def _colour(self, light: bool) -> Colour:
        return self.light if light else self.ink


def _animal(pen: Pen) -> None:
    pen.shape((-0.95, -0.35), (-0.5, -0.5), (-0.62, -0.95))
    pen.shape((-0.35, -0.5), (-0.1, -0.45), (-0.18, -0.95))
    pen.oval(-1.0, -0.65, -0.05, 0.15)
    pen.oval(-0.6, -0.3, 0.85, 0.55)
    for x in (-0.45, -0.2, 0.45, 0.68):
        pen.box(x, 0.3, x + 0.14, 0.95)
    pen.line([(0.78, 0.0), (0.95, -0.25), (0.9, -0.55)], 0.13)
    pen.oval(-0.68, -0.38, -0.54, -0.24, light=True)


def _scene(pen: Pen) -> None:
    pen.oval(0.35, -0.95, 0.85, -0.45, light=True)
    pen.shape((-1.0, 0.75), (-0.35, -0.55), (0.2, 0.75))
    pen.shape((-0.2, 0.75), (0.4, -0.15), (1.0, 0.75))
    pen.shape((-0.52, -0.2), (-0.35, -0.55), (-0.2, -0.2), (-0.36, -0.06), light=True)


def _attraction(pen: Pen) -> None:
    pen.shape((-0.95, -0.45), (0.0, -0.95), (0.95, -0.45))
    for x in (-0.8, -0.36, 0.08, 0.52):
        pen.box(x, -0.35, x + 0.26, 0.6)
    pen.box(-0.95, 0.65, 0.95, 0.85)
    pen.oval(-0.14, -0.78, 0.14, -0.52, light=True)


def _building(pen: Pen) -> None:
    pen.shape((-0.95, -0.1), (0.0, -0.95), (0.95, -0.1))
    pen.box(-0.7, -0.1, 0.7, 0.85)
    pen.box(-0.15, 0.3, 0.2, 0.85, light=True)
    pen.box(-0.52, 0.05, -0.28, 0.3, light=True)
    pen.box(0.33, 0.05, 0.57, 0.3, light=True)


def _person(pen: Pen) -> None:
    pen.oval(-0.35, -0.95, 0.35, -0.25)
    pen.box(-0.75, -0.1, 0.75, 0.95, round_=0.45)
    pen.box(-0.08, 0.0, 0.08, 0.6, light=True)


def _food(pen: Pen) -> None:
    pen.oval(-0.95, -0.05, 0.95, 0.75)
    pen.oval(-0.78, 0.0, 0.78, 0.55, light=True)
    pen.oval(-0.45, -0.3, 0.15, 0.35)
    pen.oval(-0.05, -0.1, 0.5, 0.4)
    pen.line([(-0.35, -0.85), (-0.45, -0.65), (-0.35, -0.45)], 0.07)
    pen.line([(0.15, -0.9), (0.05, -0.7), (0.15, -0.5)], 0.07)


def _plant(pen: Pen) -> None:
    pen.line([(0.0, 0.95), (0.02, 0.2), (0.0, -0.2)], 0.1)
    pen.oval(0.05, 0.3, 0.65, 0.6)
    pen.oval(-0.65, 0.45, -0.05, 0.75)
    for x, y in ((-0.35, -0.62), (0.35, -0.62), (-0.42, -0.2), (0.42, -0.2), (0.0, -0.78), (0, 0)):
        pen.oval(x - 0.28, y - 0.22, x + 0.28, y + 0.22)
    pen.oval(-0.24, -0.62, 0.24, -0.16, light=True)


def _clothing(pen: Pen) -> None:
    pen.shape(
        (-0.35, -0.8), (-0.95, -0.4), (-0.7, 0.1), (-0.5, -0.05), (-0.5, 0.85),
        (0.5, 0.85), (0.5, -0.05), (0.7, 0.1), (0.95, -0.4), (0.35, -0.8),
    )  # fmt: skip
    pen.oval(-0.25, -0.98, 0.25, -0.6, light=True)


def _vehicle(pen: Pen) -> None:
    pen.shape((-0.6, 0.0), (-0.35, -0.5), (0.35, -0.5), (0.65, 0.0))
    pen.box(-0.95, -0.05, 0.95, 0.45, round_=0.15)
    pen.shape((-0.42, -0.05), (-0.26, -0.38), (-0.04, -0.38), (-0.04, -0.05), light=True)
    pen.shape((0.06, -0.05), (0.06, -0.38), (0.28, -0.38), (0.47, -0.05), light=True)
    for x in (-0.52, 0.52):
        pen.oval(x - 0.27, 0.2, x + 0.27, 0.74)
        pen.oval(x - 0.12, 0.35, x + 0.12, 0.59, light=True)


def _object(pen: Pen) -> None:
    pen.shape((-0.85, -0.4), (0.0, -0.85), (0.85, -0.4), (0.0, 0.05))
    pen.shape((-0.85, -0.3), (-0.05, 0.13), (-0.05, 0.95), (-0.85, 0.5))
    pen.shape((0.85, -0.3), (0.05, 0.13), (0.05, 0.95), (0.85, 0.5))
    pen.shape((-0.42, -0.18), (-0.2, -0.06), (0.64, -0.52), (0.43, -0.63), light=True)


def _bird(pen: Pen) -> None:
    pen.shape((-0.62, -0.62), (-1.0, -0.48), (-0.62, -0.36))
    pen.oval(-0.72, -0.85, -0.12, -0.2)
    pen.oval(-0.5, -0.5, 0.55, 0.45)
    pen.shape((0.3, -0.1), (1.0, -0.35), (0.85, 0.2), (0.35, 0.3))
    pen.line([(-0.05, 0.4), (-0.05, 0.92)], 0.07)
    pen.line([(0.2, 0.4), (0.2, 0.92)], 0.07)
    pen.shape((-0.15, -0.15), (0.45, -0.05), (0.1, 0.22), light=True)
    pen.oval(-0.52, -0.66, -0.38, -0.52, light=True)


def _fish(pen: Pen) -> None:
    pen.oval(-0.95, -0.45, 0.55, 0.45)
    pen.shape((0.35, 0.0), (0.95, -0.5), (0.95, 0.5))
    pen.shape((-0.35, -0.38), (0.05, -0.75), (0.2, -0.3))
    pen.oval(-0.7, -0.18, -0.54, -0.02, light=True)


def _insect(pen: Pen) -> None:
    for y in (-0.35, 0.05, 0.45):
        pen.line([(-0.9, y - 0.15), (0.0, y), (0.9, y - 0.15)], 0.06)
    pen.line([(-0.3, -0.95), (0.0, -0.6), (0.3, -0.95)], 0.05)
    pen.oval(-0.28, -0.8, 0.28, -0.3)
    pen.oval(-0.5, -0.45, 0.5, 0.85)
    pen.box(-0.03, -0.35, 0.03, 0.75, light=True)
    for x, y in ((-0.25, 0.0), (0.25, 0.0), (-0.22, 0.4), (0.22, 0.4)):
        pen.oval(x - 0.09, y - 0.09, x + 0.09, y + 0.09, light=True)


def _boat(pen: Pen) -> None:
    pen.shape((-0.95, 0.35), (0.95, 0.35), (0.6, 0.8), (-0.65, 0.8))
    pen.box(-0.05, -0.95, 0.03, 0.35)
    pen.shape((0.08, -0.85), (0.75, 0.25), (0.08, 0.25), light=True)
    pen.shape((-0.1, -0.6), (-0.6, 0.25), (-0.1, 0.25))


KINDS: Final[Mapping[str, Callable[[Pen], None]]] = {
    "bird": _bird,
    "fish": _fish,
    "aquatic mammal": _fish,
    "arthropod": _insect,
    "vessel": _boat,
}
"""By name of a concept above what is shown; before the family."""

PICTOGRAMS: Final[Mapping[str, Callable[[Pen], None]]] = {
    Family.ANIMAL: _animal,
    Family.SCENE: _scene,
    Family.ATTRACTION: _attraction,
    Family.BUILDING: _building,
    Family.PERSON: _person,
    Family.FOOD: _food,
    Family.PLANT: _plant,
    Family.CLOTHING: _clothing,
    Family.VEHICLE: _vehicle,
    Family.OBJECT: _object,
}
"""By name of the family."""
