"""Folding of near-copies against pairwise rules written out in full."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.model import UNKNOWN_TIME
from ranker.second_stage.candidates import Candidates
from ranker.second_stage.fold import Reason, fold


def bits(a, b) -> int:
    return sum(int(x ^ y).bit_count() for x, y in zip(a, b, strict=True))


def near(c: Candidates, i: int, j: int) -> Reason | None:
    """Apply the rules of the module's docstring to one pair."""
    pdq, look = bits(c.fingerprints[i], c.fingerprints[j]), bits(c.visual[i], c.visual[j])
    if pdq <= 31 and min(c.fingerprint_qualities[i], c.fingerprint_qualities[j]) >= 50:
        return Reason.SAME_PICTURE
    has_all = all(a[k].any() for a in (c.fingerprints, c.visual) for k in (i, j))
    if pdq == 0 and look == 0 and has_all:
        return Reason.SAME_PICTURE
    times = int(c.taken_at[i]), int(c.taken_at[j])
    if (
        c.authors[i] == c.authors[j] != 0
        and UNKNOWN_TIME not in times
        and abs(times[0] - times[1]) <= 10
        and c.visual[i].any()
        and c.visual[j].any()
        and look <= 60
    ):
        return Reason.SAME_MOMENT
    return None


def slow_fold(c: Candidates) -> list[tuple[int, Reason | None]]:
    groups: list[tuple[int, Reason | None]] = []
    for j in range(len(c)):
        shown = [i for i in range(j) if groups[i][0] == i]
        under = next(((i, near(c, i, j)) for i in shown if near(c, i, j)), (j, None))
        groups.append(under)
    return groups


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 16))
def test_folding_agrees_with_the_pairwise_rules(make_candidates, seed: int, n: int) -> None:
    """PS-12, PS-46: crowds of near-copies, poor fingerprints, missing codes, times and authors."""
    rng = np.random.default_rng(seed)

    def crowd(spread: int):
        codes = rng.integers(0, 256, (3, 32)).astype(np.uint8)[rng.integers(0, 3, n)]
        for row in codes:
            row[rng.integers(0, 32, rng.integers(0, spread))] ^= np.uint8(rng.integers(0, 256))
        codes[rng.random(n) < 0.1] = 0
        return codes

    c = make_candidates(
        n,
        fingerprints=crowd(12),
        visual=crowd(20),
        fingerprint_qualities=rng.choice([0, 49, 50, 100], n).astype(np.uint8),
        authors=rng.integers(0, 3, n).astype(np.uint64),
        taken_at=rng.choice([UNKNOWN_TIME, 0, 5, 10, 11, 21], n),
    )
    folding = fold(c)
    found = [(int(k), None if k == i else folding.reason(i)) for i, k in enumerate(folding.keeper)]

    assert slow_fold(c) == found


def test_a_near_copy_pair_yields_one_result(make_candidates) -> None:
    """PS-46: the better-ranked stays, the other stands behind it with the reason."""
    c = make_candidates(4)
    c.fingerprints[3] = c.fingerprints[1]
    c.fingerprints[3, 0] ^= 0b111
    folding = fold(c)

    assert folding.shown.tolist() == [0, 1, 2]
    assert folding.groups()[1] == [(3, Reason.SAME_PICTURE)]


def test_a_group_is_never_a_chain(make_candidates) -> None:
    """A slow pan would otherwise fold its end under its beginning, which it does not resemble."""
    c = make_candidates(3)
    c.fingerprints[:] = c.fingerprints[0]
    c.fingerprints[1, :3] ^= 255
    c.fingerprints[2, :6] ^= 255

    assert fold(c).keeper.tolist() == [0, 0, 2]


def test_a_burst_is_one_moment_and_two_people_are_not(make_candidates) -> None:
    """Nine shots of one scene hide the rest; another person's photo is another photo."""
    c = make_candidates(3, authors=np.array([4, 4, 5], np.uint64), taken_at=np.array([0, 10, 5]))
    c.visual[:] = c.visual[0]

    assert fold(c).keeper.tolist() == [0, 0, 2]
    assert fold(c).reason(1) is Reason.SAME_MOMENT


def test_flat_pictures_are_not_the_same_picture(make_candidates) -> None:
    """PDQ sees no difference between two grey skies; its quality says so."""
    c = make_candidates(2, fingerprint_qualities=np.array([10, 90], np.uint8))
    c.fingerprints[1] = c.fingerprints[0]

    assert fold(c).shown.tolist() == [0, 1]


def test_photos_without_fingerprint_or_code_stay(make_candidates) -> None:
    """Zeros are no code: photos of which nothing is known do not resemble each other."""
    zeros = np.zeros((5, 32), np.uint8)
    c = make_candidates(
        5,
        fingerprints=zeros,
        visual=zeros.copy(),
        fingerprint_qualities=np.zeros(5, np.uint8),
        taken_at=np.full(5, UNKNOWN_TIME),
    )

    assert fold(c).shown.tolist() == [0, 1, 2, 3, 4]
