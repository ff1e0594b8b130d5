"""Which ancestors of the 1,000 categories are concepts, and which say too little.

An ancestor is dropped when more than `MOST_LEAVES` of the categories lie below it (*artifact*,
522 of 1,000; *animal*, 398, stays), and when it stands in `ABSTRACT`: synsets that order WordNet
rather than name anything that a person sees in a picture or asks for (*instrumentality*,
*commodity*, *matter*, *shape*). Fifty tags are kept for a photo, and each of these would push out
one that somebody may search for. What is dropped is stepped over: its children keep its parents.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ABSTRACT", "MOST_LEAVES", "is_too_broad"]

MOST_LEAVES: Final = 0.40
"""Largest share of the categories that a concept may cover."""

ABSTRACT: Final[frozenset[str]] = frozenset(
    {
        "00001930",  # physical entity
        "00002137",  # abstraction
        "00007347",  # causal agent
        "00019128",  # natural object
        "00019613",  # substance, matter
        "00020090",  # substance, kind of matter
        "00020827",  # matter
        "00021265",  # food, nutrient: *solid food* is the concept
        "00022903",  # article
        "00024264",  # attribute
        "00027807",  # shape
        "00031921",  # relation
        "00033020",  # communication
        "02152991",  # game, animal hunted
        "03076708",  # commodity
        "03093574",  # consumer goods
        "03122748",  # covering
        "03183080",  # device
        "03247620",  # drug
        "03248958",  # drug of abuse
        "03257877",  # durables
        "03294048",  # equipment
        "03297735",  # establishment
        "03405265",  # furnishing
        "03546340",  # housing
        "03563967",  # implement
        "03574816",  # instrument
        "03575240",  # instrumentality
        "03736970",  # mechanical device
        "03738472",  # mechanism
        "03839993",  # obstruction
        "03892891",  # part
        "03932203",  # piece
        "03953020",  # place of business
        "04014297",  # protective covering
        "04081844",  # restraint
        "04359589",  # support, device
        "04360501",  # support, structure
        "04377057",  # system
        "06791372",  # signal
        "06873571",  # visual signal
        "07809368",  # flavorer
        "07570720",  # nutriment
        "09289709",  # globule
        "09349797",  # mechanism, natural
        "11675842",  # reproductive structure
        "13086908",  # plant part
        "13087625",  # plant organ
        "13809207",  # part, relation
        "13865483",  # round shape
        "13899200",  # sphere
        "13899404",  # ball, shape
        "14778436",  # agent
        "14939900",  # fluid
        "14940386",  # liquid
        "15046900",  # solid
    }
)
"""Offsets of the synsets that name no thing to be seen."""


def is_too_broad(offset: str, leaves_below: int, leaves: int) -> bool:
    """Return whether the ancestor ``offset`` is dropped.

    Parameters
    ----------
    offset : str
        Eight digits.
    leaves_below : int
        Categories under it, each once.
    leaves : int
        All categories.
    """
    return offset in ABSTRACT or leaves_below > MOST_LEAVES * leaves
