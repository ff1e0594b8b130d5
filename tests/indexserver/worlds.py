"""Random documents, worlds and expressions, small enough for the oracle and full of ties."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from hypothesis import strategies as st

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.documents.codec import decode, encode
from alicorn.documents.hitdata import confidence_of, quantise
from alicorn.log import Entry
from alicorn.log import codec as log_codec
from alicorn.log.entry import id_of, kind_of, partition_of_write
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve
from indexserver.postings.builder import build
from indexserver.postings.dictionary import term_key
from indexserver.postings.segment import Postings, Segment
from indexserver.view import SegmentView, TermChange, View

oracle = sys.modules["indexserver_tests_oracle"]
questions = sys.modules["indexserver_tests_questions"]

CONCEPTS = ("beach", "beach ball", "bear", "cat", "dog", "été", "3", "12")
WORDS = ("sun", "sea", "sand", "summer", "café")
SIZES = (0, 1, 2, 15, 16, 17, 40, 63, 64, 65, 70)
"""Documents of a segment."""
ID_ARRAYS = (
    np.array([1, 3, 4], dtype=np.uint64),
    np.arange(0, 200, 2, dtype=np.uint64),
    np.array([], dtype=np.uint64),
)

BASES = (bytes(32), bytes(range(32)), b"\xff" * 32)
"""Codes that others are near to, so that distances tie."""


def code(rng: random.Random) -> bytes:
    """Return no code, or one that lies within four bits of a base."""
    if rng.random() < 0.3:
        return b""
    near = int.from_bytes(rng.choice(BASES), "big")
    for _ in range(rng.choice([0, 1, 1, 4])):
        near ^= 1 << rng.randrange(256)
    return near.to_bytes(32, "big")


def settled(tags: Sequence[Tag]) -> tuple[Tag, ...]:
    """Return ``tags`` as an index gives them back: confidences of a byte, in order."""
    levels = sorted((-quantise(tag.confidence), tag.concept) for tag in tags)
    return tuple(Tag(concept, confidence_of(-level)) for level, concept in levels)


def document(rng: random.Random, document_id: int, *, joint: bool = False) -> PhotoDocument:
    """Return one photo; some fields missing, sort-keys with many ties."""
    concepts = rng.sample(CONCEPTS, rng.randint(0, 4))
    taken_at = rng.choice([None, rng.randrange(0, 400_000_000)])
    photo = PhotoDocument(
        id=document_id,
        sort_key=rng.choice([0, 1, 2, 3, 2**32 - 1]),
        author=rng.randint(0, 4),
        tagged=tuple(sorted(rng.sample(range(1, 60), rng.randint(0, 3)))),
        audience=Audience(rng.choice([AudienceKind.PUBLIC, AudienceKind.FRIENDS])),
        taken_at=taken_at,
        caption=" ".join(rng.choices(WORDS, k=rng.randint(0, 5))),
        tags=settled([Tag(c, rng.choice([0.0, 0.01, 0.25, 0.25, 0.9, 1.0])) for c in concepts]),
        visual=code(rng),
        joint=code(rng) if joint else b"",
        fingerprint=rng.choice([b"", rng.randbytes(32)]),
        fingerprint_quality=rng.randint(0, 100),
        quality=rng.random(),
        popularity=rng.choice([0, 7, 2**32 - 1]),
        width=rng.choice([0, 640, 70_000]),
        height=rng.choice([0, 480, 1_000]),
    )
    return decode(encode(photo))  # as the log gives it: floats of 32 bits


def documents(
    seed: int, count: int, first_id: int = 1, *, joint: bool = False
) -> list[PhotoDocument]:
    """Return ``count`` photos with distinct ids from ``first_id`` on, gaps between."""
    rng = random.Random(seed)
    ids = rng.sample(range(first_id, first_id + 3 * count + 1), count)
    return [document(rng, i, joint=joint) for i in ids]


def world(seed: int, sizes: Sequence[int], *, changes: bool = True):
    """Return a world of ``len(sizes)`` segments, some documents dead, some edges changed."""
    rng = random.Random(seed)
    parts = []
    for number, size in enumerate(sizes):
        # A segment without joint codes has no column of them.
        joint = rng.random() < 0.5
        rows = documents(rng.randrange(2**32), size, 1 + number * 100_000, joint=joint)
        part = oracle.Part(rows)
        part.dead = {d.id for d in rows if rng.random() < 0.15}
        if changes:
            for _ in range(rng.randint(0, 3)):
                change(rng, part)
        parts.append(part)
    return oracle.World(parts)


def change(rng: random.Random, part) -> None:
    """Add and remove some edges of one term, which need not exist in the segment."""
    term = rng.choice(
        [
            ("tag", rng.choice([*CONCEPTS, "new"])),
            ("author", "3"),
            ("tagged", str(rng.randint(1, 60))),
        ]
    )
    ids = [d.id for d in part.documents]
    added = rng.sample(ids, min(len(ids), rng.randint(0, 4)))
    removed = [i for i in ids if i not in added and rng.random() < 0.2]
    hit = (lambda: rng.randint(1, 255)) if term[0] == "tag" else (lambda: 0)
    part.added[term] = {i: hit() for i in added}
    part.removed[term] = set(removed)


def view(world_) -> View:
    """Return the view that stands for ``world_``."""
    return View(tuple(segment_view(part, f"part-{i}") for i, part in enumerate(world_.parts)))


def segment_view(part, name: str = "part") -> SegmentView:
    """Return the segment that stands for one part of a world."""
    segment = Segment.read(build(part.documents), name)
    local = {int(i): n for n, i in enumerate(segment.columns["ids"])}
    live = None
    if part.dead:
        live = np.array([int(i) not in part.dead for i in segment.columns["ids"]], dtype=np.bool_)
    changes = {}
    for term in {*part.added, *part.removed}:
        hits = sorted((local[i], hit) for i, hit in part.added.get(term, {}).items())
        changes[term_key(*term)] = TermChange(
            Postings(
                np.array([i for i, _ in hits], dtype=np.uint32),
                np.array([h for _, h in hits], dtype=np.uint8),
            ),
            np.array(sorted(local[i] for i in part.removed.get(term, ())), dtype=np.uint32),
        )
    return SegmentView(segment, live, changes)


@dataclass(frozen=True, eq=False)
class Numbered:
    """A world, as data and as the view that stands for it."""

    world: oracle.World
    shelf: oracle.Shelf
    view: View


@cache
def numbered(number: int) -> Numbered:
    """Return world ``number``, of one to five segments: made once, since making takes longest."""
    rng = random.Random(number)
    made = world(number, [rng.choice(SIZES) for _ in range(rng.randint(1, 5))])
    return Numbered(made, made.shelf(), view(made))


def ask(view_, expr, *, static: bool, limit: int, arrays=ID_ARRAYS):
    """Return what the executor answers, in the oracle's words."""
    order = Order.STATIC if static else Order.CONCEPT
    return told(retrieve(view_, compile_plan(expr, arrays), order=order, limit=limit), limit)


def told(found, limit: int):
    """Return what was retrieved, in the oracle's words."""
    hits = found.candidates
    pairs = list(zip(hits.ids.tolist(), hits.concept_scores.tolist(), strict=True))
    matched = found.matched
    if not found.exact:
        assert matched > limit  # counting may stop only where the limit cuts
        matched = oracle.AtLeast(matched)
    return oracle.Answer(pairs, matched, found.cuts, found.unmet_shares)


def entry(sequence: int, write) -> Entry:
    """Return ``write`` as the log would give it back."""
    return Entry(
        sequence,
        partition_of_write(write),
        kind_of(write),
        id_of(write),
        log_codec.encode(write),
    )


sizes = st.lists(st.sampled_from(SIZES), min_size=1, max_size=5)
numbers = st.integers(0, 399)
seeds = st.integers(0, 2**32 - 1)

VOCABULARY = questions.Vocabulary(
    terms=[
        *(("tag", value) for value in (*CONCEPTS, "new", "none")),
        *(("text", value) for value in (*WORDS, "none")),
        *(("author", value) for value in ("1", "3", "9")),
        ("audience", "public"),
        ("tagged", "7"),
    ],
    prefixes=[
        *(("tag", value) for value in ("", "b", "beach", "z")),
        *(("tagged", value) for value in ("", "1")),
        ("text", "s"),
    ],
    ids=[(edge, array) for edge in ("author", "tagged", "tag") for array in range(3)],
    bounds=[None, None, 0, 1, 2, 3, 480, 640, 200_000_000, 2**32 - 1, 2**32, -(2**63), 2**63 - 1],
    codes=BASES,
)
expressions = VOCABULARY.whole
"""What every test of the index server may ask of a world: each hit is a matter of itself."""

asked = VOCABULARY.asked
"""Everything that a shard can be asked."""

plain = VOCABULARY.plain
"""The same without soft operators and `extract`."""
