"""Packed arrays: exact round trips, and sizes that do not fit are errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from alicorn.errors import ShapeError
from alicorn.rpc.packed import pack, unpack, unpack_rows

DTYPES = (np.uint8, np.uint32, np.uint64, np.int64, np.float32)


@given(data=st.data(), dtype=st.sampled_from(DTYPES))
def test_arrays_survive_the_wire(data: Any, dtype: Any) -> None:
    """Bit for bit, NaN payloads included, whatever byte order the sender's array has."""
    values = data.draw(hnp.arrays(dtype, st.integers(0, 20)))
    swapped = values.astype(values.dtype.newbyteorder(">"))
    expected = values.tobytes()

    assert expected == unpack(pack(values), dtype).tobytes()
    assert expected == unpack(pack(swapped), dtype, count=values.size).tobytes()


@given(data=st.data(), rows=st.integers(1, 5), columns=st.integers(0, 5))
def test_rows_survive_the_wire(data: Any, rows: int, columns: int) -> None:
    """Also rows of no columns, which is what features are when nobody asked for them."""
    values = data.draw(hnp.arrays(np.float32, (rows, columns)))
    again = unpack_rows(pack(values), np.float32, rows=rows)

    assert values.shape == again.shape
    assert values.tobytes() == again.tobytes()


def test_strided_views_are_packed_row_by_row() -> None:
    """A transposed array is what scores are before they travel."""
    values = np.arange(6, dtype=np.int64).reshape(2, 3).T

    assert unpack(pack(values), np.int64).tolist() == [0, 3, 1, 4, 2, 5]


def test_what_comes_out_cannot_be_written_to() -> None:
    """It is the memory of the message."""
    assert not unpack(b"\1\2", np.uint8).flags.writeable


@pytest.mark.parametrize(
    ("data", "count"), [(b"\0" * 7, None), (b"\0" * 9, None), (b"\0" * 8, 2), (b"", 1), (b"\0", 0)]
)
def test_sizes_that_do_not_fit_name_the_array(data: bytes, count: int | None) -> None:
    """The message says what was found and needed, and of which array."""
    with pytest.raises(ShapeError, match=r"lineage: found \d+ bytes, needed"):
        unpack(data, np.uint64, count=count, name="lineage")


@pytest.mark.parametrize(("values", "rows"), [(3, 2), (1, 0), (5, 4)])
def test_rows_that_do_not_divide_are_refused(values: int, rows: int) -> None:
    """Values without rows do not fit either."""
    with pytest.raises(ShapeError, match="features: found"):
        unpack_rows(b"\0" * 4 * values, np.float32, rows=rows, name="features")


def test_no_rows_are_an_empty_array() -> None:
    """An answer without hits has no features."""
    assert unpack_rows(b"", np.float32, rows=0).shape == (0, 0)
