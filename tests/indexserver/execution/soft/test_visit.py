"""The pass kernel against a recursion over the skeleton, one candidate at a time.

Segments, masks and skeletons are drawn at random, not compiled from queries: also those that no
plan has today.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.simd.memory import address_of
from indexserver.execution.soft import tables
from indexserver.execution.soft._kernels import visit
from indexserver.execution.soft_plan import (
    AND,
    ATOM_NODE,
    COUNT,
    FIRST,
    KIND,
    NEEDS_ONE,
    STRONG_OR,
    WEAK_AND,
)

ATOM_COUNTS = (1, 3, 63, 64, 65, 130)


@dataclass
class Skeleton:
    """Tables of a random skeleton, with budgets beside its operands."""

    nodes: np.ndarray
    operands: np.ndarray
    budgets: np.ndarray
    shares: np.ndarray
    gates: np.ndarray


@dataclass
class Candidate:
    """A document of one segment and the atoms that hold it."""

    segment: int
    local: int
    sort_key: int
    id: int
    atoms: frozenset[int]


def drawn_skeleton(rng, atoms):
    """Return nodes over ``atoms`` atoms, operands before what they belong to."""
    nodes = [(ATOM_NODE, 0, 0, 0, int(rng.integers(atoms)), -1) for _ in range(rng.integers(1, 6))]
    operands, budgets = [], []
    for _ in range(rng.integers(0, 6)):
        kind = int(rng.choice([AND, WEAK_AND, WEAK_AND, STRONG_OR]))
        inside = rng.integers(0, len(nodes), rng.integers(0, 5)).tolist()
        marked = [kind == WEAK_AND and rng.random() < 0.6 for _ in inside]
        nodes.append((kind, len(operands), len(inside), int(kind == WEAK_AND), -1, -1))
        operands += inside
        budgets += [int(rng.choice([0, 1, 2, 9])) if mark else -1 for mark in marked]
    some = rng.integers(0, len(nodes), rng.choice([0, 1, 3, 70]))
    shares = np.stack([some, rng.integers(0, 12, some.size)], axis=1)
    count = int(rng.choice([0, 2, 66]))
    above = [int(rng.integers(-1, i)) if i else -1 for i in range(count)]
    gates = np.stack([rng.integers(0, len(nodes), count), np.array(above, dtype=np.int64)], axis=1)
    return Skeleton(
        np.array(nodes, dtype=np.int64),
        np.array(operands, dtype=np.int64),
        np.array(budgets, dtype=np.int64),
        shares.astype(np.int64),
        gates.astype(np.int64),
    )


def drawn_candidates(rng, atoms):
    """Return the candidates of one to four segments, in no order."""
    found = []
    ids = rng.permutation(400)
    for segment in range(rng.integers(1, 5)):
        size = int(rng.choice([0, 1, 5, 60]))
        documents = sorted(
            (-int(rng.integers(0, 4)), int(ids[segment * 100 + i])) for i in range(size)
        )
        for local, (key, document_id) in enumerate(documents):
            if rng.random() < 0.8:
                held = frozenset(np.flatnonzero(rng.random(atoms) < 0.5).tolist())
                found.append(Candidate(segment, local, -key, document_id, held))
    return found


def slow_pass(skeleton, candidates, limit, first):
    """Return hits as (candidate, shares, gates), how many matched, and the budgets left."""
    budgets = skeleton.budgets.tolist()
    left = skeleton.shares[:, tables.LEFT].tolist()
    nodes, operands = skeleton.nodes.tolist(), skeleton.operands.tolist()

    def true(number, candidate):
        node = nodes[number]
        if node[KIND] == ATOM_NODE:
            return node[4] in candidate.atoms
        places = range(node[FIRST], node[FIRST] + node[COUNT])
        held = [true(operands[place], candidate) for place in places]
        if node[KIND] == STRONG_OR:
            return any(held)
        required = [budgets[place] in (0, -1) for place in places]
        missed = any(need and not one for need, one in zip(required, held, strict=True))
        return not missed and (any(held) or not node[NEEDS_ONE])

    def open_gate(number, candidate):
        node, above = skeleton.gates[number].tolist()
        return true(node, candidate) and (above < 0 or open_gate(above, candidate))

    hits = []
    matched = 0
    for candidate in sorted(candidates, key=lambda c: (-c.sort_key, c.id)):
        if first and matched > limit and not any(left):
            break
        if not true(len(nodes) - 1, candidate):
            continue
        wanted = not first or matched < limit
        matched += 1
        serves = [i for i, row in enumerate(skeleton.shares.tolist()) if true(row[0], candidate)]
        for share in serves:
            wanted |= left[share] > 0
            left[share] = max(left[share] - 1, 0)
        opened = [i for i in range(len(skeleton.gates)) if open_gate(i, candidate)]
        missed = [
            place
            for place, budget in enumerate(budgets)
            if budget > 0 and not true(operands[place], candidate)
        ]
        for place in missed:
            budgets[place] -= 1
        if wanted:
            hits.append((candidate.segment, candidate.local, serves, opened))
    return hits, matched, budgets


def fast_pass(rng, skeleton, candidates, atoms, limit, first, *, cancel=None, pieces=(1, 40)):
    """Return the same of the kernel, each segment handed out in pieces of random size."""
    segments = max((c.segment for c in candidates), default=0) + 1
    runs = np.zeros((segments, tables.RUN_COLUMNS), dtype=np.int64)
    kept, rests = [], []
    for number, run in enumerate(runs):
        here = sorted((c for c in candidates if c.segment == number), key=lambda c: c.local)
        documents = max((c.local for c in here), default=0) + 1
        keys, ids = np.zeros(documents, dtype=np.uint32), np.zeros(documents, dtype=np.uint64)
        for candidate in here:
            keys[candidate.local], ids[candidate.local] = candidate.sort_key, candidate.id
        # Each segment has its own bits for atoms, and none for those that are in none of it.
        bits = rng.permutation(atoms + 3)[:atoms].astype(np.int64)
        bits[[all(a not in c.atoms for c in here) for a in range(atoms)]] = -1
        run[tables.SORT_KEYS], run[tables.IDS] = address_of(keys), address_of(ids)
        run[tables.ATOMS], run[tables.MASK_WORDS] = address_of(bits), -(-(atoms + 3) // 64)
        run[tables.OPEN] = 1
        kept += [keys, ids, bits]
        rests.append((here, bits))
    budgets, shares = skeleton.budgets.copy(), skeleton.shares.copy()
    unmet = np.count_nonzero(shares[:, tables.LEFT])
    tally = np.array([0, unmet], dtype=np.int64)
    flag = np.zeros(1, dtype=np.uint8) if cancel is None else cancel
    hits = []
    why = tables.USED_UP
    while why == tables.USED_UP:
        for number, run in enumerate(runs):
            if run[tables.HEAD] == run[tables.COUNT_HERE] and run[tables.OPEN]:
                here, bits = rests[number]
                piece, rest = (here[: (size := int(rng.integers(*pieces)))], here[size:])
                rests[number] = (rest, bits)
                locals_, masks = _masks(piece, bits, int(run[tables.MASK_WORDS]))
                run[tables.LOCALS], run[tables.MASKS] = address_of(locals_), address_of(masks)
                run[tables.COUNT_HERE], run[tables.HEAD] = len(piece), 0
                run[tables.OPEN] = int(bool(rest))
                kept += [locals_, masks]
        room = len(candidates)
        columns = (
            np.empty(room, dtype=np.int32),
            np.empty(room, dtype=np.uint32),
            np.empty((room, -(-len(shares) // 64)), dtype=np.uint64),
            np.empty((room, -(-len(skeleton.gates) // 64)), dtype=np.uint64),
        )
        why, written = visit(
            runs,
            skeleton.nodes,
            skeleton.operands,
            budgets,
            np.flatnonzero(budgets >= 0),
            shares,
            skeleton.gates,
            np.empty(len(skeleton.nodes), dtype=np.int64),
            np.empty(segments, dtype=np.int64),
            np.empty(segments, dtype=np.uint64),
            tally,
            limit,
            first,
            address_of(flag),
            *columns,
        )
        hits += [
            (segment, local, _bits(share), _bits(gate))
            for segment, local, share, gate in zip(
                *(column[:written].tolist() for column in columns), strict=True
            )
        ]
    return hits, int(tally[tables.MATCHED]), budgets.tolist(), why


def _masks(piece, bits, words):
    masks = np.zeros((len(piece), words), dtype=np.uint64)
    for i, candidate in enumerate(piece):
        for atom in candidate.atoms:
            masks[i, bits[atom] >> 6] |= np.uint64(1 << (int(bits[atom]) & 63))
    return np.array([c.local for c in piece], dtype=np.uint32), masks


def _bits(words):
    return [64 * i + bit for i, word in enumerate(words) for bit in range(64) if word >> bit & 1]


@given(
    seed=st.integers(0, 2**32 - 1),
    atoms=st.sampled_from(ATOM_COUNTS),
    limit=st.sampled_from([1, 2, 10, 1_000]),
    first=st.booleans(),
)
def test_the_pass_agrees_with_a_recursion(seed, atoms, limit, first):
    """Hits, their shares and gates, and what is left of budgets, in any cut of the supplies."""
    rng = np.random.default_rng(seed)
    skeleton, candidates = drawn_skeleton(rng, atoms), drawn_candidates(rng, atoms)

    hits, matched, budgets, why = fast_pass(rng, skeleton, candidates, atoms, limit, first)

    assert slow_pass(skeleton, candidates, limit, first) == (hits, matched, budgets)
    assert why in ((tables.ALL_SEEN, tables.ENOUGH) if first else (tables.ALL_SEEN,))


@pytest.mark.parametrize("first", [False, True])
def test_a_set_flag_ends_the_pass_between_two_candidates(first):
    """It is looked at every 256 candidates; those before it are visited whole."""
    rng = np.random.default_rng(3)
    everyone = [Candidate(0, i, 1, i, frozenset({0})) for i in range(700)]
    alone = np.array([(ATOM_NODE, 0, 0, 0, 0, -1)], dtype=np.int64)
    none = np.empty((0, 2), dtype=np.int64)
    skeleton = Skeleton(alone, none[:, 0], none[:, 0].copy(), none, none)
    flag = np.ones(1, dtype=np.uint8)

    hits, matched, _, why = fast_pass(
        rng, skeleton, everyone, 1, 1_000, first, cancel=flag, pieces=(600, 601)
    )

    assert why == tables.CANCELLED
    assert (len(hits), matched) == (255, 255)
