"""Terms are found where they lie, all of them and no others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexserver.postings.dictionary import TermDictionary, term_key

values = st.text(alphabet="ab*:é0 \U0001f600", max_size=5)
keys = st.sets(st.builds(term_key, st.sampled_from(["tag", "t", "text"]), values), max_size=40)


@given(keys=keys, asked=st.builds(term_key, st.sampled_from(["tag", "t"]), values))
def test_look_ups_agree_with_a_sorted_list(keys, asked):
    """Every term at its place, -1 for the others."""
    ordered = sorted(keys)
    terms = TermDictionary.of(ordered)

    assert [terms.find(key) for key in ordered] == list(range(len(ordered)))
    assert terms.find(asked) == (ordered.index(asked) if asked in keys else -1)
    assert terms.keys() == ordered


@given(keys=keys, prefix=values)
def test_a_prefix_is_a_run_of_terms(keys, prefix):
    """Byte order of UTF-8 is code-point order, so no term of the prefix lies elsewhere."""
    ordered = sorted(keys)
    first, end = TermDictionary.of(ordered).prefix_range(term_key("tag", prefix))

    assert ordered[first:end] == [k for k in ordered if k.startswith(term_key("tag", prefix))]


@pytest.mark.parametrize("numbers", [[], [0], [1, 9, 10, 99, 100], [2**64 - 1, 7, 2**63]])
def test_numbers_are_found_as_their_decimals(numbers):
    """Thousands of ids are looked up without a Python object each; every length of u64."""
    kept = [*numbers, 5, 50, 12345678901234567890]
    ordered = sorted({term_key("author", str(n)) for n in kept} | {term_key("tag", "5")})
    terms = TermDictionary.of(ordered)
    asked = np.array([*numbers, 6, 500, 5], dtype=np.uint64)

    expected = [terms.find(term_key("author", str(int(n)))) for n in asked]

    assert expected == terms.find_numbers("author", asked).tolist()
