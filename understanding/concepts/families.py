"""The ten families of concepts, and the rule that puts every synset in one.

A synset is in the family of the nearest root above it (itself included), going up WordNet level by
level; at equal distance the root that stands first in `ROOTS` wins, and ``object`` is what has no
root above it. So a church is an attraction (place of worship, one level up) although it is also a
building, and a strawberry is food (edible fruit) although it is also a part of a plant.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from understanding.concepts.wordnet import WordNet, ancestors

__all__ = ["ROOTS", "Family", "family_of"]


class Family(StrEnum):
    """What kind of thing a concept is."""

    SCENE = "scene"
    ATTRACTION = "attraction"
    BUILDING = "building"
    PERSON = "person"
    ANIMAL = "animal"
    FOOD = "food"
    PLANT = "plant"
    CLOTHING = "clothing"
    VEHICLE = "vehicle"
    OBJECT = "object"


ROOTS: Final[Mapping[str, Family]] = {
    "09287968": Family.SCENE,  # geological formation: alp, cliff, valley, seashore
    "02735688": Family.SCENE,  # area: patio, room
    "09225146": Family.SCENE,  # body of water
    "09334396": Family.SCENE,  # land, ground
    "03953416": Family.ATTRACTION,  # place of worship: church, mosque
    "04210390": Family.ATTRACTION,  # shrine: stupa
    "02699494": Family.ATTRACTION,  # altar
    "03743902": Family.ATTRACTION,  # memorial: megalith, triumphal arch, brass plaque
    "02980441": Family.ATTRACTION,  # castle
    "03877845": Family.ATTRACTION,  # palace
    "03878066": Family.ATTRACTION,  # palace, a stately mansion
    "03781244": Family.ATTRACTION,  # monastery
    "03074380": Family.ATTRACTION,  # column: obelisk, totem pole
    "03388043": Family.ATTRACTION,  # fountain
    "02898711": Family.ATTRACTION,  # bridge
    "04460130": Family.ATTRACTION,  # tower: beacon
    "03042490": Family.ATTRACTION,  # cliff dwelling
    "03956157": Family.ATTRACTION,  # planetarium
    "02825657": Family.ATTRACTION,  # bell cote
    "03220513": Family.ATTRACTION,  # dome
    "04523525": Family.ATTRACTION,  # vault
    "04341686": Family.BUILDING,  # structure
    "04105893": Family.BUILDING,  # room: nearer than area
    "04105068": Family.BUILDING,  # roof
    "00007846": Family.PERSON,
    "00015388": Family.ANIMAL,
    "00021265": Family.FOOD,  # food, nutrient
    "07555863": Family.FOOD,  # solid food
    "07566340": Family.FOOD,  # foodstuff
    "07881800": Family.FOOD,  # beverage
    "00017222": Family.PLANT,
    "13086908": Family.PLANT,  # plant part: fruit, seed, flower
    "12992868": Family.PLANT,  # fungus: not a plant, but found, drawn and asked for beside them
    "03051540": Family.CLOTHING,
    "03380867": Family.CLOTHING,  # footwear
    "03502509": Family.CLOTHING,  # headdress
    "03045698": Family.CLOTHING,  # cloak
    "02862048": Family.CLOTHING,  # body armor
    "02740764": Family.CLOTHING,  # armor plate: breastplate
    "02681518": Family.CLOTHING,  # adornment: necklace
    "03100490": Family.VEHICLE,  # conveyance
}
"""Offsets of the synsets that begin a family."""


def family_of(wordnet: WordNet, offset: str) -> Family:
    """Return the family of the synset ``offset``."""
    order = {root: rank for rank, root in enumerate(ROOTS)}
    for level in ancestors(wordnet, offset):
        if roots := [here for here in level if here in order]:
            return ROOTS[min(roots, key=order.__getitem__)]
    return Family.OBJECT
