"""Terms are found where they lie, all of them and no others."""

from __future__ import annotations

import random
import resource
from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import BadRequest
from alicorn.simd.memory import address_of
from indexserver.postings.dictionary import TermDictionary, flat_prefix_range, flat_terms, term_key
from indexserver.postings.terms.coding._kernels import BLOCK
from indexserver.postings.terms.lookup._kernels import hash_bytes

values = st.text(alphabet="ab*:é0 \U0001f600", max_size=5)
# Where a count leaves its four bits, and where the rest of it leaves a byte.
long_values = st.builds(
    lambda letter, count, end: letter * count + end,
    st.sampled_from("ab"),
    st.sampled_from([9, 10, 11, 12, 14, 15, 16, 30, 141, 142, 250, 251, 252, 300, 400]),
    st.text(alphabet="abé", max_size=20),
)
edges = st.sampled_from(["tag", "t", "text"])
keys = st.sets(st.builds(term_key, edges, values | long_values), max_size=60)
BLOCK_EDGES = (0, 1, 15, 16, 17, 31, 32, 33, 257)


@given(keys=keys, asked=st.lists(st.builds(term_key, edges, values | long_values), max_size=40))
def test_look_ups_agree_with_a_sorted_list(keys, asked):
    """Every term at its place, -1 for the others, one by one and many at once."""
    ordered = sorted(keys)
    terms = TermDictionary.of(ordered)
    wanted = [*ordered, *asked]

    expected = [ordered.index(key) if key in keys else -1 for key in wanted]

    assert expected == [terms.find(key) for key in wanted]
    assert expected == terms.find_many(wanted).tolist()
    assert ordered == terms.keys() == [terms[i] for i in range(len(terms))]


@given(keys=keys, prefix=values | long_values)
def test_a_prefix_is_a_run_of_terms(keys, prefix):
    """Byte order of UTF-8 is code-point order, so no term of the prefix lies elsewhere."""
    ordered = sorted(keys)
    first, end = TermDictionary.of(ordered).prefix_range(term_key("tag", prefix))

    assert first == bisect_left(ordered, term_key("tag", prefix))
    assert ordered[first:end] == [k for k in ordered if k.startswith(term_key("tag", prefix))]
    assert (first, end) == flat_prefix_range(flat_terms(ordered), term_key("tag", prefix))


@pytest.mark.parametrize("count", BLOCK_EDGES)
def test_every_size_around_a_block_is_whole(count):
    """The last block may hold any number of terms."""
    ordered = sorted(b"tagged:%d" % (7 * i) for i in range(count))
    terms = TermDictionary.of(ordered)
    missing = [b"", b"tagged:", b"tagged:3", b"zzz", *(key + b"0" * 9 for key in ordered)]

    assert list(range(count)) == terms.find_many(ordered).tolist()
    assert [-1] * len(missing) == [terms.find(key) for key in missing]
    assert ordered == terms.keys()
    assert (0, count) == terms.prefix_range(b"tagged:")


@pytest.mark.parametrize("numbers", [[], [0], [1, 9, 10, 99, 100], [2**64 - 1, 7, 2**63]])
def test_numbers_are_found_as_their_decimals(numbers):
    """Thousands of ids are looked up without a Python object each; every length of u64."""
    kept = [*numbers, 5, 50, 12345678901234567890, *range(1_000, 1_100)]
    ordered = sorted({term_key("author", str(n)) for n in kept} | {term_key("tag", "5")})
    terms = TermDictionary.of(ordered)
    asked = np.array([*numbers, 6, 500, 5, *range(990, 1_110)], dtype=np.uint64)

    expected = [terms.find(term_key("author", str(int(n)))) for n in asked]

    assert expected == terms.find_numbers("author", asked).tolist()


def test_terms_come_flat_or_as_a_list():
    """Millions of terms are written without an object for each, and are the same bytes."""
    ordered = sorted({b"text:%d" % (i * i) for i in range(500)})
    blob, offsets = flat_terms(ordered)

    assert TermDictionary.encode(ordered) == TermDictionary.encode((blob, offsets))
    again, ends = TermDictionary.of((blob, offsets)).flat()
    assert again.tobytes() == blob.tobytes()
    assert ends.tolist() == offsets.tolist()


@pytest.mark.parametrize(
    ("wrong", "number"),
    [([b"b", b"a"], 1), ([b"a", b"a"], 1), ([b"a", b"ab", b"a"], 2)],
)
def test_terms_that_do_not_ascend_are_refused(wrong, number):
    """A term that lies at the wrong place would never be found."""
    with pytest.raises(BadRequest, match=f"found number {number} not greater"):
        TermDictionary.encode(wrong)


def slow_hash(key: bytes) -> int:
    """Return what `hash_bytes` is, from its words."""
    most = 2**64 - 1
    p1, p2, p3, p4 = (
        0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
    )  # fmt: skip

    def turned(x: int, bits: int) -> int:
        return ((x << bits) | (x >> (64 - bits))) & most

    h = len(key) * p3 & most
    for at in range(0, len(key), 8):
        word = int.from_bytes(key[at : at + 8].ljust(8, b"\0"), "little")
        h ^= turned(word * p2 & most, 31) * p1 & most
        h = (turned(h, 27) * p1 + p4) & most
    h = (h ^ (h >> 33)) * p2 & most
    h = (h ^ (h >> 29)) * p3 & most
    return h ^ (h >> 32)


@given(key=st.binary(max_size=70))
def test_the_hash_is_the_one_that_is_written_down(key):
    """It is in the files: another one would find nothing in those that were written before."""
    padded = np.frombuffer(key + bytes(8), dtype=np.uint8)

    assert slow_hash(key) == int(hash_bytes(address_of(padded), len(key)))


@pytest.fixture(scope="module")
def many() -> TermDictionary:
    """Return 200,000 terms as a graph has them: numbers with gaps."""
    rng = random.Random(5)
    numbers = sorted(rng.sample(range(2_000_000), 200_000), key=str)
    blob, offsets = flat_terms([b"tagged:%d" % number for number in numbers])
    return TermDictionary.of((blob, offsets))


def test_a_large_dictionary_answers_as_a_small_one(many):
    """Hash marks are short, so terms of the same mark meet here; each is still told apart."""
    stored = [int(key.removeprefix(b"tagged:")) for key in many.keys()]  # noqa: SIM118
    numbers = np.arange(2_000_000, dtype=np.uint64)
    expected = np.full(numbers.size, -1)
    expected[stored] = np.arange(len(stored))

    assert np.array_equal(expected, many.find_numbers("tagged", numbers))


def test_an_open_dictionary_weighs_what_is_mapped_of_it(many):
    """Five million terms must not be five million objects: nothing is made on opening or asking."""
    sections = TermDictionary.encode(many.flat())
    assert sum(map(len, sections.values())) < 10 * len(many)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    opened = [TermDictionary(many.terms, many.starts, many.slots, many.count) for _ in range(1_000)]
    for terms in opened:
        terms.find_numbers("tagged", np.arange(100, dtype=np.uint64))
        terms.find(b"tagged:77")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert grown * 1024 < 10 * len(many)
    assert many.starts.size == -(-len(many) // BLOCK) + 1
