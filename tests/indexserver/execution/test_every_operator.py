"""Every operator with every attribute, on six photos and by hand: PS-03, PS-18, DB-01.

Each line says what is asked and what each hit scores, worked out on paper. It is held against the
executor and against the oracle, so that neither is believed for the other's sake.

    id  sort-key  author  carries
    5     60       0      bear 255, year 1970
    1     50       1      cat 128, text sun sun, 640 x 480
    2     50       2      cat 255, dog 128, tagged 5 and 6
    3     40       1      dog 255, tagged 5
    4     40       3      cat 64, cathedral 64, popularity 7
    6     40       2      text sea, the number 5 (255) and the number 6 (128) as tags
    (7    70       4      cat 255, bear 255; dead)

Visual codes: 1 the base, 2 and 4 one bit from it, 3 two bits, 7 the base. Joint: 6 alone.
The segments hold 1, 3, 5 and 2, 4, 6, 7.
"""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.query import ONE, parse, walk
from alicorn.query.attributes import ATTRIBUTES
from alicorn.query.tree import Expr
from indexserver.execution.retrieve import Order

BASE = bytes(range(32))
HEX = BASE.hex()
PUBLIC = Audience(AudienceKind.PUBLIC)
FULL, HALF, QUARTER = 255 * 255, 128 * 128, 64 * 64
ARRAYS = [np.array(ids, dtype=np.uint64) for ids in ([5, 6], [6, 9], [], [0, 1, 2])]
IN_ORDER = [5, 1, 2, 3, 4, 6]


def flipped(*bits: int) -> bytes:
    number = int.from_bytes(BASE, "big")
    for bit in bits:
        number ^= 1 << bit
    return number.to_bytes(32, "big")


def tags(**confidences: float) -> tuple[Tag, ...]:
    return tuple(Tag(name.strip("_"), c) for name, c in confidences.items())


def photo(document_id: int, sort_key: int, author: int, **fields) -> PhotoDocument:
    return PhotoDocument(
        id=document_id, sort_key=sort_key, author=author, audience=PUBLIC, **fields
    )


@pytest.fixture(scope="module")
def world(oracle):
    one = [
        photo(1, 50, 1, tags=tags(cat=0.25), caption="sun sun", visual=BASE, width=640, height=480),
        photo(3, 40, 1, tags=tags(dog=1.0), tagged=(5,), visual=flipped(9, 200)),
        photo(5, 60, 0, tags=tags(bear=1.0), taken_at=300),
    ]
    two = [
        photo(2, 50, 2, tags=tags(cat=1.0, dog=0.25), tagged=(5, 6), visual=flipped(255)),
        photo(4, 40, 3, tags=tags(cat=0.0625, cathedral=0.0625), visual=flipped(0), popularity=7),
        photo(6, 40, 2, tags=tags(_5=1.0, _6=0.25), caption="sea", joint=BASE),
        photo(7, 70, 4, tags=tags(cat=1.0, bear=1.0), visual=BASE),
    ]
    return oracle.World([oracle.Part(one), oracle.Part(two, dead={7})])


def near(bits: int, weight: int = ONE) -> int:
    """Score of a code ``bits`` away, in 1 / CONCEPT_ONE."""
    return weight * 65_025 * (256 - bits) // 256


CASES = {
    # term: HitData of tags; an edge without HitData counts only with a weight written
    "tag:cat": {2: ONE * FULL, 1: ONE * HALF, 4: ONE * QUARTER},
    "(term tag:cat :weight 0.5)": {2: 5_000 * FULL, 1: 5_000 * HALF, 4: 5_000 * QUARTER},
    "(term tag:cat :weight 16)": {2: 160_000 * FULL, 1: 160_000 * HALF, 4: 160_000 * QUARTER},
    "(term tag:cat :weight 0)": {1: 0, 2: 0, 4: 0},
    "author:1": {1: 0, 3: 0},
    "(term author:1 :weight 1)": {1: ONE * FULL, 3: ONE * FULL},
    "(term author:1 :weight 0.0001)": {1: FULL, 3: FULL},
    "(or author:1 :weight 2)": {1: 0, 3: 0},
    "text:sun": {1: 0},
    "(term text:sun :weight 3)": {1: 3 * ONE * FULL},
    "(prefix text:su :weight 3)": {1: 0},
    "tag:none": {},
    # prefix: the best of its terms
    "tag:cat*": {2: ONE * FULL, 1: ONE * HALF, 4: ONE * QUARTER},
    "(prefix tag:ca :weight 2)": {2: 2 * ONE * FULL, 1: 2 * ONE * HALF, 4: 2 * ONE * QUARTER},
    "(prefix tag:)": {
        2: ONE * FULL,
        3: ONE * FULL,
        5: ONE * FULL,
        6: ONE * FULL,
        1: ONE * HALF,
        4: ONE * QUARTER,
    },
    "tagged:*": {2: 0, 3: 0},
    "(prefix tagged: :weight 1)": {2: ONE * FULL, 3: ONE * FULL},
    "text:s*": {1: 0, 6: 0},
    # and, or, difference; all operands that contain the document count, gated by the `and`
    "(and tag:cat tag:dog)": {2: ONE * (FULL + HALF)},
    "(and tag:cat (term author:2 :weight 2) :weight 0.5)": {2: 5_000 * FULL + ONE * FULL},
    "(and tag:cat tag:cat)": {2: 2 * ONE * FULL, 1: 2 * ONE * HALF, 4: 2 * ONE * QUARTER},
    "(or tag:cat tag:dog)": {
        2: ONE * (FULL + HALF),
        3: ONE * FULL,
        1: ONE * HALF,
        4: ONE * QUARTER,
    },
    "(or (and tag:cat tag:dog) author:1)": {2: ONE * (FULL + HALF), 1: 0, 3: 0},
    "(or (and tag:dog tagged:6) (term tag:dog :weight 0.5))": {
        2: ONE * HALF + 5_000 * HALF,
        3: 5_000 * FULL,
    },
    "(or (difference tag:cat tag:dog) (term tag:cat :weight 0.1))": {
        2: 1_000 * FULL,
        1: 11_000 * HALF,
        4: 11_000 * QUARTER,
    },
    "(difference tag:cat tag:dog)": {1: ONE * HALF, 4: ONE * QUARTER},
    "(difference (or tag:cat tag:dog) author:1 author:3)": {2: ONE * (FULL + HALF)},
    "(difference (all) tag:cat*)": {5: 0, 3: 0, 6: 0},
    "(difference tag:cat (difference tag:cat author:1))": {1: ONE * HALF},
    "(difference tag:cat tag:cat)": {},
    # the soft ones without marks
    "(weak-and tag:cat tag:dog)": {2: ONE * (FULL + HALF)},
    "(strong-or tag:cat tag:none tag:dog)": {
        2: ONE * (FULL + HALF),
        3: ONE * FULL,
        1: ONE * HALF,
        4: ONE * QUARTER,
    },
    # and with marks: see test_soft.py
    "(weak-and (term tag:cat :optional-hits 1) author:1)": {1: ONE * HALF, 3: 0},
    "(weak-and (term tag:cat :optional-weight 0.1) author:1)": {1: ONE * HALF, 3: 0},
    "(weak-and (term tag:cat)[1] author:1)": {1: ONE * HALF},
    # nn: live documents that have such a code
    f"(nn visual:{HEX} :radius 0)": {1: near(0)},
    f"(nn visual:{HEX} :radius 1)": {1: near(0), 2: near(1), 4: near(1)},
    f"(nn visual:{HEX} :radius 256 :weight 0.5)": {
        1: near(0, 5_000),
        2: near(1, 5_000),
        4: near(1, 5_000),
        3: near(2, 5_000),
    },
    f"(nn joint:{HEX} :radius 256)": {6: near(0)},
    f"(difference tag:cat (nn visual:{HEX} :radius 0))": {2: ONE * FULL, 4: ONE * QUARTER},
    f"(nn visual:{HEX} :k 1)": {1: near(0)},
    f"(nn visual:{HEX} :k 2)": {1: near(0), 2: near(1)},
    f"(nn visual:{HEX} :k 9 :weight 2)": {
        1: near(0, 20_000),
        2: near(1, 20_000),
        4: near(1, 20_000),
        3: near(2, 20_000),
    },
    f"(nn visual:{HEX} :k 1 :within tag:dog)": {2: near(1)},
    f"(nn visual:{HEX} :k 1 :within (term tag:dog :weight 9))": {2: near(1)},
    f"(nn visual:{HEX} :k 2 :within (nn visual:{flipped(9, 200).hex()} :k 2))": {
        1: near(0),
        3: near(2),
    },
    f"(nn visual:{HEX} :k 3 :within text:sea)": {},
    f"(nn joint:{HEX} :k 3)": {6: near(0)},
    # siblings never change which ones are nearest
    f"(and tag:dog (nn visual:{HEX} :k 2))": {2: ONE * HALF + near(1)},
    f"(or tag:bear (nn visual:{HEX} :k 1))": {5: ONE * FULL, 1: near(0)},
    # range: half open, on every field; an unknown time is in none
    "(range taken-at 300 301)": {5: 0},
    "(range taken-at * 300)": {},
    "(range taken-at * *)": {5: 0},
    "(range sort-key 41 60)": {1: 0, 2: 0},
    "(range sort-key 50 *)": {5: 0, 1: 0, 2: 0},
    "(range popularity 1 8)": {4: 0},
    "(range popularity 7 7)": {},
    "(range width 640 641 :weight 5)": {1: 0},
    "(range height * 480)": {5: 0, 2: 0, 3: 0, 4: 0, 6: 0},
    "(range width -5 99999999999)": dict.fromkeys(IN_ORDER, 0),
    "(range width 5 -5)": {},
    # ids: the score adds up over the ids that lead to the document
    "(ids tagged: @0)": {2: 0, 3: 0},
    "(ids tagged: @0 :weight 1)": {2: 2 * ONE * FULL, 3: ONE * FULL},
    "(ids tagged: @1 :weight 0.5)": {2: 5_000 * FULL},
    "(ids tagged: @2)": {},
    "(ids author: @3 :weight 1)": dict.fromkeys([1, 2, 3, 6], ONE * FULL),
    "(ids tag: @0)": {6: ONE * (FULL + HALF)},
    # all
    "(all)": dict.fromkeys(IN_ORDER, 0),
    "(and (all) tag:bear)": {5: ONE * FULL},
    # extract: distinct ids, ascending; nobody (photo 5) is no author
    "(extract author: (all))": {1: 0, 2: 0, 3: 0},
    "(extract author: (or tag:cat tag:bear) :weight 2)": {1: 0, 2: 0, 3: 0},
    "(extract author: tag:bear)": {},
    f"(extract author: (nn visual:{HEX} :k 2))": {1: 0, 2: 0},
}
EXTRACTED_FROM = {
    "(extract author: (all))": 6,
    "(extract author: (or tag:cat tag:bear) :weight 2)": 4,
    "(extract author: tag:bear)": 1,
}
"""How many documents match where the answer has fewer ids."""


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("text", CASES)
def test_each_operator_finds_and_scores_what_is_on_paper(oracle, worlds, world, text, order):
    """Hits, exact scores and order, of the oracle and of the executor."""
    expr, expected = parse(text), CASES[text]
    rank = IN_ORDER if "extract" not in text else sorted(expected)
    hits = sorted(
        expected.items(),
        key=lambda hit: (0 if order is Order.STATIC else -hit[1], rank.index(hit[0])),
    )
    static = order is Order.STATIC
    wanted = oracle.Answer(hits, EXTRACTED_FROM.get(text, len(hits)))

    found = oracle.answer(world.shelf(), expr, static=static, limit=10, arrays=ARRAYS)

    assert wanted == found
    assert wanted == worlds.ask(worlds.view(world), expr, static=static, limit=10, arrays=ARRAYS)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("text", [text for text in CASES if "(weak-and (" not in text])
def test_a_limit_keeps_the_first_and_says_that_it_cut(oracle, worlds, world, text, order):
    """`matched` still counts all; the flag stands exactly where something is missing."""
    expr = parse(text)
    static = order is Order.STATIC
    whole = oracle.answer(world.shelf(), expr, static=static, limit=10, arrays=ARRAYS)
    view = worlds.view(world)
    for limit in (1, 2, 3, 6):
        cuts = ("retrieve-limit",) if len(whole.hits) > limit else ()
        wanted = oracle.Answer(whole.hits[:limit], whole.matched, cuts)

        assert wanted == oracle.answer(
            world.shelf(), expr, static=static, limit=limit, arrays=ARRAYS
        )
        assert wanted == worlds.ask(view, expr, static=static, limit=limit, arrays=ARRAYS)


def test_every_operator_and_every_attribute_has_a_line():
    """Completeness: but for `apply`, which is the aggregator's, with its :limit and :by."""
    nodes = [node for text in CASES for node in walk(parse(text))]
    fields = {a.field for a in ATTRIBUTES.values()} - {"limit", "by"}

    assert {node.operator for node in nodes} == {kind.operator for kind in Expr.__args__} - {
        "apply"
    }
    for field in fields:
        plain = {ONE, None} if field == "weight" else {None}
        assert {getattr(node, field, None) for node in nodes} - plain, field
