"""English words that a query for photos can do without.

Articles, pronouns, prepositions and forms of *be*, and the words by which one asks for photos at
all. They are left out when anything else remains, and only on their own: in *picture palace* or
*hen of the woods* they belong to the term. Negations stay, for dropping one would turn the meaning
round; so do words that name things beside (*can*, *will*, *may*).
"""

from __future__ import annotations

from typing import Final

__all__ = ["STOP_WORDS"]

_GRAMMAR: Final = """
a an the this that these those some any all
i me my mine we us our ours you your yours he him his she her hers it its they them their theirs
who whom whose which what where when
of in on at by to from with into onto for about as and or near inside during
is are was were be been being am do does did has have had
there here just please
"""

_ASKING: Final = """
photo photos photograph photographs picture pictures pic pics image images snapshot snapshots
show find search see look looking get give want
"""

STOP_WORDS: Final[frozenset[str]] = frozenset((_GRAMMAR + _ASKING).split())
"""Lower case, as `alicorn.documents.text.tokens` cuts them."""
