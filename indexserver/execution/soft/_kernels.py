"""The pass over candidates: one after the other, in the shard's DocId order."""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import load_i64, load_u8, load_u32, load_u64
from indexserver.execution.soft.tables import (
    ABOVE,
    ALL_SEEN,
    ATOMS,
    CANCELLED,
    COUNT_HERE,
    ENOUGH,
    HEAD,
    IDS,
    LEFT,
    LOCALS,
    MASK_WORDS,
    MASKS,
    MATCHED,
    NODE,
    OPEN,
    SORT_KEYS,
    UNMET,
    USED_UP,
)
from indexserver.execution.soft_plan import (
    ATOM,
    ATOM_NODE,
    COUNT,
    FIRST,
    KIND,
    NEEDS_ONE,
    STRONG_OR,
)

_ONE = np.uint64(1)
_63 = np.int64(63)

_LOOKS = 255
"""The cancel flag is looked at whenever the candidates so far have none of these bits."""


@njit(cache=True, nogil=True)
def atom_holds(atoms, masks, atom):
    """Return 1 if the candidate whose mask is at `masks` is in `atom`, else 0.

    atoms : address of int64, of each atom its bit in masks or -1
    """
    bit = load_i64(atoms + 8 * atom)
    if bit < 0:
        return np.int64(0)
    return np.int64((load_u64(masks + 8 * (bit >> 6)) >> np.uint64(bit & _63)) & _ONE)


@njit(cache=True, nogil=True)
def visit(
    runs,
    nodes,
    operands,
    budgets,
    marked,
    shares,
    gates,
    truth,
    head_keys,
    head_ids,
    tally,
    limit,
    first,
    cancel,
    hit_runs,
    hit_locals,
    hit_shares,
    hit_gates,
):
    """Visit candidates in DocId order until a run needs more of them; return (why, hits written).

    Parameters
    ----------
    runs : int64 (k, columns of `tables`)
        Of each segment the candidates at hand, ascending; HEAD moves on.
    nodes, operands : int64
        As in `SoftPlan`.
    budgets : int64, beside operands
        Hits that may still miss it; -1 where it has no mark of `weak-and`. Spent here.
    marked : int64 (p,)
        Places in operands of those with such a mark.
    shares : int64 (s, 2)
        NODE, and LEFT: places of the share that no hit has been found for. Counted down here.
    gates : int64 (g, 2)
        NODE, and ABOVE: position of the gate above it or -1; gates stand behind those.
    truth : int64 (nodes,), scratch
        1 or 0, so that what nobody can foresee is added up and not branched upon.
    head_keys, head_ids : int64, uint64 (k,), scratch
    tally : int64
        MATCHED: hits so far. UNMET: shares with places left.
    limit, first : int, bool
        With `first`, stop behind the hit number `limit` + 1 once no share is unmet, and write only
        hits up to `limit` and those that an unmet share asks for.
    cancel : address of a byte
    hit_runs, hit_locals : int32, uint32, a place for each candidate at hand
    hit_shares, hit_gates : uint64 (the same, words)
        Of each hit the shares whose operand holds it, and the gates that are open.
    """
    written = np.int64(0)
    seen = np.int64(0)
    root = nodes.shape[0] - 1
    count = runs.shape[0]
    best = np.int64(-1)
    while True:
        # The first of the runs' next candidates; keys and ids of the others are still at hand.
        for r in range(count):
            if seen == 0 or r == best:
                head = runs[r, HEAD]
                if head == runs[r, COUNT_HERE]:
                    if runs[r, OPEN] != 0:
                        return USED_UP, written
                    head_keys[r] = -1
                else:
                    local = np.int64(load_u32(runs[r, LOCALS] + 4 * head))
                    head_keys[r] = np.int64(load_u32(runs[r, SORT_KEYS] + 4 * local))
                    head_ids[r] = load_u64(runs[r, IDS] + 8 * local)
        best = np.int64(-1)
        for r in range(count):
            if head_keys[r] < 0:
                continue
            if (
                best < 0
                or head_keys[r] > head_keys[best]
                or (head_keys[r] == head_keys[best] and head_ids[r] < head_ids[best])
            ):
                best = np.int64(r)
        if best < 0:
            return ALL_SEEN, written
        seen += 1
        if seen & _LOOKS == 0 and load_u8(cancel) != 0:
            return CANCELLED, written
        head = runs[best, HEAD]
        runs[best, HEAD] = head + 1

        masks = runs[best, MASKS] + 8 * runs[best, MASK_WORDS] * head
        atoms = runs[best, ATOMS]
        for i in range(root + 1):
            if nodes[i, KIND] == ATOM_NODE:
                truth[i] = atom_holds(atoms, masks, nodes[i, ATOM])
                continue
            one = np.int64(0)
            enough = np.int64(1)
            for j in range(nodes[i, FIRST], nodes[i, FIRST] + nodes[i, COUNT]):
                held = truth[operands[j]]
                one |= held
                enough &= held | np.int64(budgets[j] > 0)
            if nodes[i, KIND] == STRONG_OR:
                truth[i] = one
            else:
                truth[i] = enough & (one | np.int64(nodes[i, NEEDS_ONE] == 0))
        if truth[root] == 0:
            continue

        for i in range(marked.shape[0]):
            at = marked[i]
            budgets[at] -= np.int64(budgets[at] > 0) & (1 - truth[operands[at]])
        wanted = not first or tally[MATCHED] < limit
        tally[MATCHED] += 1
        for i in range(hit_shares.shape[1]):
            hit_shares[written, i] = 0
        for i in range(shares.shape[0]):
            held = truth[shares[i, NODE]]
            hit_shares[written, i >> 6] |= np.uint64(held) << np.uint64(i & _63)
            if shares[i, LEFT] > 0 and held != 0:
                wanted = True
                shares[i, LEFT] -= 1
                if shares[i, LEFT] == 0:
                    tally[UNMET] -= 1
        if wanted:
            for i in range(hit_gates.shape[1]):
                hit_gates[written, i] = 0
            for i in range(gates.shape[0]):
                held = np.uint64(truth[gates[i, NODE]])
                above = gates[i, ABOVE]
                if above >= 0:
                    held &= hit_gates[written, above >> 6] >> np.uint64(above & _63)
                hit_gates[written, i >> 6] |= held << np.uint64(i & _63)
            hit_runs[written] = best
            hit_locals[written] = load_u32(runs[best, LOCALS] + 4 * head)
            written += 1
        if first and tally[MATCHED] > limit and tally[UNMET] == 0:
            return ENOUGH, written
