"""How much a word means a concept: 1 for its usual sense, less where another thing comes first.

WordNet lists the senses of a word by frequency. Two kinds cannot be what somebody looks for in a
photo and are passed over: senses outside the things one can see (a *kite* that is a bad check),
and names of single things (*Crane*, the writer). Of the others, the weight of a sense that the
taxonomy has is

    1 / (1 + concepts of this word before it + families before it that the taxonomy lacks)

where an earlier sense outside the taxonomy counts once for its family, and not at all if it is of
the concept's own family (attractions counting as buildings): *palace* (a residence) keeps 1
although *palace* (a mansion) comes first, for the two look alike, while *mouse* finds the
computer's mouse with 1/3 only, after the rodent and the shy person. Below `LEAST_WEIGHT` a word
does not name the concept at all. So a word whose usual sense is missing (*mouse*, *kite*) does not
make an obscure one count in full. `FIRST_IN_PHOTOS` puts a sense first where the frequency in
print misleads.
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
    "sense_weights",
    "senses_in_photos",
]

LEAST_WEIGHT: Final = 0.25
"""Fainter senses are not names of a concept."""

FIRST_IN_PHOTOS: Final[Mapping[str, str]] = {
    "amphibian": "01627424",  # the animal; WordNet begins with the vehicle
    "cup": "07930864",  # defined as a punch, but ImageNet's photos of it show cups
    "monitor": "03782006",  # the display; WordNet begins with persons who monitor
    "mug": "03797390",  # the vessel; WordNet begins with the mugful, the dupe and the face
    "plant": "00017222",  # the flora; WordNet begins with the works
    "screen": "04152593",  # the display; WordNet begins with the projector's screen
    "seal": "02076196",  # the animal; WordNet begins with wax and stamps
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
            rivals = len(found) + len(others - {_look(families[offset])})
            found[offset] = round(1 / (1 + rivals), 4)
        elif is_visible_kind(wordnet, offset):
            others.add(_look(family_of(wordnet, offset)))
    return {offset: weight for offset, weight in found.items() if weight >= LEAST_WEIGHT}


def _look(family: Family) -> Family:
    return Family.BUILDING if family is Family.ATTRACTION else family


def is_visible_kind(wordnet: WordNet, offset: str) -> bool:
    """Return whether ``offset`` is a kind of thing that can be seen in a photo."""
    if wordnet.synsets[offset].is_instance:
        return False
    above = {here for level in ancestors(wordnet, offset) for here in level}
    return not VISIBLE_ROOTS.isdisjoint(above)
