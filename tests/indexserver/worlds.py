"""Random documents, worlds and expressions, small enough for the oracle and full of ties."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.documents.codec import decode, encode
from alicorn.log import Entry
from alicorn.log import codec as log_codec
from alicorn.log.entry import id_of, kind_of, partition_of_write
from alicorn.query import All, And, Difference, Ids, Or, Prefix, Range, Term
from indexserver.postings.builder import build
from indexserver.postings.dictionary import term_key
from indexserver.postings.segment import Postings, Segment
from indexserver.view import SegmentView, TermChange, View

oracle = sys.modules["indexserver_tests_oracle"]

CONCEPTS = ("beach", "beach ball", "bear", "cat", "dog", "été")
WORDS = ("sun", "sea", "sand", "summer", "café")
ID_ARRAYS = (
    np.array([1, 3, 4], dtype=np.uint64),
    np.arange(0, 200, 2, dtype=np.uint64),
    np.array([], dtype=np.uint64),
)


def document(rng: random.Random, document_id: int) -> PhotoDocument:
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
        tags=tuple(Tag(c, rng.choice([0.0, 0.01, 0.25, 0.25, 0.9, 1.0])) for c in concepts),
        visual=rng.choice([b"", rng.randbytes(32)]),
        joint=b"",
        fingerprint=rng.choice([b"", rng.randbytes(32)]),
        fingerprint_quality=rng.randint(0, 100),
        quality=rng.random(),
        popularity=rng.choice([0, 7, 2**32 - 1]),
        width=rng.choice([0, 640]),
        height=rng.choice([0, 480, 1_000]),
    )
    return decode(encode(photo))  # as the log gives it: floats of 32 bits


def documents(seed: int, count: int, first_id: int = 1) -> list[PhotoDocument]:
    """Return ``count`` photos with distinct ids from ``first_id`` on, gaps between."""
    rng = random.Random(seed)
    ids = rng.sample(range(first_id, first_id + 3 * count + 1), count)
    return [document(rng, i) for i in ids]


def world(seed: int, sizes: Sequence[int], *, changes: bool = True):
    """Return a world of ``len(sizes)`` segments, some documents dead, some edges changed."""
    rng = random.Random(seed)
    parts = []
    for number, size in enumerate(sizes):
        rows = documents(rng.randrange(2**32), size, 1 + number * 100_000)
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


def entry(sequence: int, write) -> Entry:
    """Return ``write`` as the log would give it back."""
    return Entry(
        sequence,
        partition_of_write(write),
        kind_of(write),
        id_of(write),
        log_codec.encode(write),
    )


sizes = st.lists(st.sampled_from([0, 1, 2, 15, 16, 17, 40, 70]), min_size=1, max_size=5)
seeds = st.integers(0, 2**32 - 1)

weights = st.sampled_from([0, 1, 5_000, 10_000, 15_001, 160_000])


def _weighted(node, weight: int | None):
    kind, args = node
    return kind(*args) if weight is None else kind(*args, weight=weight, weighted=True)


_leaf_shapes = st.one_of(
    st.tuples(
        st.just(Term), st.tuples(st.just("tag"), st.sampled_from([*CONCEPTS, "new", "none"]))
    ),
    st.tuples(st.just(Term), st.tuples(st.just("text"), st.sampled_from([*WORDS, "none"]))),
    st.tuples(st.just(Term), st.tuples(st.just("author"), st.sampled_from(["1", "3", "9"]))),
    st.tuples(st.just(Prefix), st.tuples(st.just("tag"), st.sampled_from(["", "b", "beach", "z"]))),
    st.tuples(st.just(Prefix), st.tuples(st.just("tagged"), st.sampled_from(["", "1"]))),
    st.tuples(st.just(Prefix), st.tuples(st.just("text"), st.sampled_from(["s"]))),
    st.tuples(st.just(Ids), st.tuples(st.sampled_from(["author", "tagged"]), st.integers(0, 2))),
    st.tuples(st.just(All), st.just(())),
    st.tuples(
        st.just(Range),
        st.tuples(
            st.sampled_from(["taken-at", "sort-key", "popularity", "width"]),
            st.sampled_from([None, 0, 2, 200_000_000]),
            st.sampled_from([None, 3, 300_000_000]),
        ),
    ),
)
leaves = st.builds(_weighted, _leaf_shapes, st.none() | weights)


def _combinations(inner):
    operands = st.lists(inner, min_size=1, max_size=4).map(tuple)
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.builds(lambda o, w: And(o, weight=w), operands, weights),
        st.builds(lambda o, w: Or(o, weight=w), operands, weights),
        st.builds(lambda o, w: Difference(o, weight=w), several, weights),
    )


expressions = st.recursive(leaves, _combinations, max_leaves=10)
