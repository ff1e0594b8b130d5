"""How much a word means a concept: 1 for its usual sense, less where another thing comes first.

WordNet lists the senses of a word by frequency. Two kinds cannot be what somebody looks for in a
photo and are passed over: senses outside the things one can see (a *kite* that is a bad check),
and names of single things (*Crane*, the writer). Of the others, the weight of a sense that the
taxonomy has is

    1 / (1 + concepts of this word before it + families before it that the taxonomy lacks)

where an earlier sense outside the taxonomy counts once for its family, and not at all if it is of
the concept's own family. Attractions and buildings count as one family here, and so do animals,
plants, food and what is made of an animal: *palace* (a residence) keeps 1 although *palace* (a
mansion) comes first, and so does *lobster* after its flesh and *leopard* after its pelt, while
*mouse* finds the computer's mouse with 1/3 only, after the rodent and the shy person. Below
`LEAST_WEIGHT` a word does not name the concept at all. So a word whose usual sense is missing
(*mouse*, *kite*) does not make an obscure one count in full. `FIRST_IN_PHOTOS` puts a sense first
where the frequency in print misleads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from understanding.concepts.families import Family, family_of
from understanding.concepts.wordnet import WordNet, ancestors

__all__ = [
    "FIRST_IN_PHOTOS",
    "LEAST_WEIGHT",
    "VISIBLE_ROOTS",
    "is_visible_kind",
    "look_of",
    "sense_weights",
    "senses_in_photos",
]

LEAST_WEIGHT: Final = 0.25
"""Fainter senses are not names of a concept."""

FIRST_IN_PHOTOS: Final[Mapping[str, str]] = {
    "altar": "02699494",  # the raised structure; WordNet begins with the communion table
    "amphibian": "01627424",  # the animal; before it the vehicle
    "badger": "02447366",  # the animal; before it one from Wisconsin
    "beaver": "02363005",  # the animal; before it one from Oregon, a beard, hats
    "cup": "07930864",  # defined as a punch, but ImageNet's photos of it show cups
    "harvester": "03496892",  # the machine; before it persons
    "library": "03661043",  # the building; before it rooms and collections
    "monitor": "03782006",  # the display; before it persons who monitor
    "mug": "03797390",  # the vessel; before it the mugful, the dupe and the face
    "plant": "00017222",  # the flora; before it the works
    "printer": "04004767",  # the computer's; before it persons
    "schooner": "04147183",  # the ship; before it the beer glass
    "scorpion": "01770393",  # the animal; before it one born in November
    "screen": "04152593",  # the display; before it the projector's screen
    "screw": "04153751",  # the fastener; before it the guard and the propeller
    "seal": "02076196",  # the animal; before it wax and stamps
    "toaster": "04442312",  # the appliance; before it one who proposes a toast
    "volcano": "09472597",  # the mountain; before it the fissure
    "weasel": "02441942",  # the animal; before it the treacherous person
}
"""Lemma -> the sense that photos show, where WordNet's corpora order them otherwise."""

VISIBLE_ROOTS: Final[frozenset[str]] = frozenset(
    {
        "00002684",  # object
        "00020827",  # matter: food, drink, cloth
        "06793231",  # sign: a street sign
        "06873571",  # visual signal: a traffic light
        "09229709",  # bubble
    }
)
"""Synsets under which one finds what can be seen."""


_ANIMAL_MATERIAL: Final = "14755804"
_LOOKS: Final[Mapping[Family, Family]] = {
    Family.ATTRACTION: Family.BUILDING,
    Family.FOOD: Family.ANIMAL,
    Family.PLANT: Family.ANIMAL,
}


def senses_in_photos(wordnet: WordNet, lemma: str) -> tuple[str, ...]:
    """Return the senses of ``lemma`` (any case), the most usual in photos first."""
    senses = wordnet.senses.get(lemma.lower(), ())
    first = FIRST_IN_PHOTOS.get(lemma.lower())
    return tuple(sorted(senses, key=lambda offset: offset != first))


def sense_weights(
    wordnet: WordNet, lemma: str, concepts: Collection[str], families: Mapping[str, Family]
) -> dict[str, float]:
    """Return the concepts that ``lemma`` names and how much.

    Parameters
    ----------
    wordnet : WordNet
    lemma : str
        Any case.
    concepts : collection of str
        Offsets of the taxonomy's concepts.
    families : mapping
        Offset of each concept -> its family.

    Returns
    -------
    dict
        Offset -> weight in [`LEAST_WEIGHT`, 1], four decimals, in the order of the senses.
    """
    found: dict[str, float] = {}
    others: set[Family] = set()
    for offset in senses_in_photos(wordnet, lemma):
        if offset in concepts:
            rivals = len(found) + len(others - {_LOOKS.get(families[offset], families[offset])})
            found[offset] = round(1 / (1 + rivals), 4)
        elif is_visible_kind(wordnet, offset):
            others.add(look_of(wordnet, offset))
    return {offset: weight for offset, weight in found.items() if weight >= LEAST_WEIGHT}


def look_of(wordnet: WordNet, offset: str) -> Family:
    """Return the family of ``offset``, with families that look alike as one."""
    if any(_ANIMAL_MATERIAL in level for level in ancestors(wordnet, offset)):
        return Family.ANIMAL
    family = family_of(wordnet, offset)
    return _LOOKS.get(family, family)


def is_visible_kind(wordnet: WordNet, offset: str) -> bool:
    """Return whether ``offset`` is a kind of thing that can be seen in a photo."""
    if wordnet.synsets[offset].is_instance:
        return False
    above = {here for level in ancestors(wordnet, offset) for here in level}
    return not VISIBLE_ROOTS.isdisjoint(above)
