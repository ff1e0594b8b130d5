"""What is within a radius is what comparing every code says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import BadRequest, DeadlineSpent
from alicorn.simd.memory import address_of
from indexserver.embeddings._kernels import distances_block
from indexserver.embeddings.within import within_radius


@given(data=st.data())
def test_within_a_radius_is_what_comparing_says(oracle, words_of, sizes, data) -> None:
    """The radius itself is within; distances stand in the order of the bits."""
    count = data.draw(sizes)
    world = oracle(data.draw(st.integers(0, 50)), count, data.draw(st.sampled_from([None, 3])))
    radius = data.draw(st.sampled_from([0, 1, 100, 120, 128, 140, 255, 256]))
    live, flagged = world.some(0.7), world.some(0.6)
    has_live, has_flags = data.draw(st.booleans()), data.draw(st.booleans())
    mask = world.distances <= radius
    if has_live:
        mask &= live
    if has_flags:
        mask &= flagged

    words, distances = within_radius(
        world.query,
        world.codes,
        radius,
        flags=flagged * np.uint8(2) if has_flags else None,
        flag=2,
        live_words=words_of(live, True) if has_live else None,
    )

    assert words_of(mask).tolist() == words.tolist()
    assert world.distances[mask].tolist() == distances.tolist()


@pytest.mark.parametrize("rows", [0, 1, 31, 32, 127, 128, 129, 1000, 16_384])
@pytest.mark.parametrize("first", [0, 5])
def test_a_block_of_distances_starts_and_ends_anywhere(oracle, first: int, rows: int) -> None:
    """Windows of the executor: the last one is short, and nothing behind it may be written."""
    world = oracle(1, first + rows, None)
    out = np.full(rows + 1, 999, dtype=np.uint16)
    asked = np.frombuffer(world.query, dtype=np.uint8)

    distances_block(address_of(world.codes), first, rows, address_of(asked), address_of(out))

    assert [*world.distances[first:].tolist(), 999] == out.tolist()


@pytest.mark.parametrize("radius", [-1, 257])
def test_a_radius_out_of_range_is_refused(radius: int) -> None:
    """Found and needed are named."""
    with pytest.raises(BadRequest, match=f"a radius must be 0 to 256, got {radius}"):
        within_radius(bytes(32), np.zeros((1, 32), dtype=np.uint8), radius)


def test_a_set_flag_ends_the_comparison() -> None:
    """A bitmap that is part right must not look whole."""
    with pytest.raises(DeadlineSpent, match="time was over"):
        within_radius(
            bytes(32),
            np.zeros((1, 32), dtype=np.uint8),
            5,
            cancel=np.ones(1, dtype=np.uint8),
        )
