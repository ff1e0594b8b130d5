"""How long do the exact 100 nearest of a million codes take, with and without a filter?

Data    1,000,000 random codes of 256 bits, seed 5; filters that allow 0.1, 1 and 10 % of them,
        drawn by chance, as bitmaps
Report  microseconds of `nearest` beside Faiss' IndexBinaryFlat, one thread, and beside a plain read
        of the same bytes; all in turn in the same run, the Python call included. Ids and order are
        those of sorting everything, and Faiss' distances are the same; else there are no figures
Run     alicorn bench hamming
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from indexserver.embeddings.nearest import nearest
from loadtest.brute import refuse
from loadtest.peers.faiss import Faiss
from loadtest.report import Report, Row, report_of
from loadtest.timing import Timed, clocked, median_us
from loadtest.workbench import Workbench

__all__ = ["hamming_rows", "run"]

SEED: Final = 5
K: Final = 100
_CODE: Final = 32
_LINE: Final = 64
"""Bytes that come from memory at once: two codes."""
_FEW: Final = 100_000
"""Codes of the row that needs no memory, only caches."""
_SHARES: Final = {"0.1%": 0.001, "1%": 0.01, "10%": 0.1}
_FLAT: Final = "Faiss IndexBinaryFlat"
_FILTERED: Final = "Faiss IndexBinaryFlat, IDSelectorBitmap"

Codes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


def run(bench: Workbench) -> Report:
    """Measure every row that ``bench`` wants."""
    return report_of(hamming_rows(bench))


def hamming_rows(bench: Workbench) -> list[Row]:
    """Return the rows of the whole scan, of fewer codes, and of each filter."""
    scans = ("hamming/A/1m", "hamming/A/1m-read", "hamming/A/100k")
    filters = tuple(f"hamming-filter/A/{share}" for share in _SHARES)
    if not bench.wanted((*scans, *filters)):
        return []
    rng = np.random.default_rng(SEED)
    bench.tell(f"{bench.scale.documents:,} codes")
    codes = rng.integers(0, 256, (bench.scale.documents, _CODE), dtype=np.uint8)
    queries = [rng.bytes(_CODE) for _ in range(bench.scale.queries)]
    peer = Faiss.open(codes)
    rows = []
    if bench.wanted(scans[:2]):
        bench.tell(scans[0])
        rows += _scan_rows(bench, codes, queries, peer)
    if bench.wants(scans[2]):
        bench.tell(scans[2])
        rows.append(_few_row(bench, codes[:_FEW], queries))
    for row_id, share in zip(filters, _SHARES.values(), strict=True):
        allowed = rng.random(len(codes)) < share
        if bench.wants(row_id):
            bench.tell(row_id)
            rows.append(_filter_row(bench, row_id, codes, queries, peer, allowed))
    return [row for row in rows if bench.wants(row.id)]


def _scan_rows(
    bench: Workbench, codes: Codes, queries: Sequence[bytes], peer: Faiss | None
) -> list[Row]:
    words = codes.reshape(-1).view(np.uint64)
    spent = _in_turn(bench, codes, queries, peer, None, lambda: _read(words))
    ours, theirs, read = (median_us(spent.get(name)) for name in ("ours", "theirs", "read"))
    assert read is not None
    shared = _shared(bench, codes)
    return [
        Row(
            id="hamming/A/1m",
            question=f"exact top {K} of {len(codes):,} codes of 256 bits?",
            ours=ours,
            peer=_FLAT,
            theirs=theirs,
            at_least=1.3,
            aim=1.6,
            physical_limit=read,
            **shared,
        ),
        Row(
            id="hamming/A/1m-read",
            question="the same, beside a plain read of the same bytes from four places at once?",
            ours=ours,
            limit=1.6 * read,
            limit_aim=1.2 * read,
            physical_limit=read,
            note="reading from memory bounds both; `distance` is how much longer ours takes",
            **shared,
        ),
    ]


def _few_row(bench: Workbench, codes: Codes, queries: Sequence[bytes]) -> Row:
    spent = _in_turn(bench, codes, queries, Faiss.open(codes), None)
    return Row(
        id="hamming/A/100k",
        question=f"exact top {K} of {len(codes):,} codes of 256 bits?",
        ours=median_us(spent["ours"]),
        peer=_FLAT,
        theirs=median_us(spent.get("theirs")),
        physical_limit=bench.bandwidth.seconds(codes.nbytes) * 1e6,
        note="fits in the last cache",
        **_shared(bench, codes),
    )


def _filter_row(
    bench: Workbench,
    row_id: str,
    codes: Codes,
    queries: Sequence[bytes],
    peer: Faiss | None,
    allowed: npt.NDArray[np.bool_],
) -> Row:
    spent = _in_turn(bench, codes, queries, peer, allowed)
    ids = np.flatnonzero(allowed)
    lines = np.unique(ids * _CODE // _LINE).size
    shared = _shared(bench, codes)
    shared["data"] += f"; {ids.size:,} allowed by chance"
    return Row(
        id=row_id,
        question=f"exact top {K} under a filter, recall 1.0?",
        ours=median_us(spent["ours"]),
        peer=_FILTERED,
        theirs=median_us(spent.get("theirs")),
        at_least=1.0,
        aim=3.0,
        physical_limit=bench.bandwidth.seconds(lines * _LINE + len(codes) // 8) * 1e6,
        note="recall is 1.0; the limit is of reading in a row, and lines by number come slower",
        **shared,
    )


def _in_turn(
    bench: Workbench,
    codes: Codes,
    queries: Sequence[bytes],
    peer: Faiss | None,
    allowed: npt.NDArray[np.bool_] | None,
    read: Callable[[], object] | None = None,
) -> dict[str, npt.NDArray[np.float64]]:
    """Check every answer, then return the seconds of "ours", "theirs" and "read", as there are."""
    words = None if allowed is None else _bitmap(allowed)
    for query in queries:
        _check(codes, query, peer, allowed, words)

    def ours(query: bytes) -> Timed:
        return clocked(lambda: nearest(query, codes, K, allowed=words))

    with nullcontext() if peer is None else peer.one_thread():
        return bench.taken(
            ours=[ours(query) for query in queries],
            theirs=[clocked(peer.nearest(query, K, words)) for query in queries] if peer else [],
            read=[clocked(read) for _ in queries] if read else [],
        )


def _check(
    codes: Codes,
    query: bytes,
    peer: Faiss | None,
    allowed: npt.NDArray[np.bool_] | None,
    words: Words | None,
) -> None:
    """Refuse to measure where an answer is not that of sorting all that is allowed."""
    asked = np.frombuffer(query, dtype=np.uint64)
    every = np.bitwise_count(codes.view(np.uint64) ^ asked).sum(axis=1, dtype=np.uint16)
    ids = np.arange(len(codes)) if allowed is None else np.flatnonzero(allowed)
    ids = ids[np.argsort(every[ids], kind="stable")[:K]]
    found = nearest(query, codes, K, allowed=words)
    if not np.array_equal(ids, found.locals) or not np.array_equal(every[ids], found.distances):
        raise refuse("nearest", found.locals.tolist(), ids.tolist())
    if peer is not None:
        theirs = peer.nearest(query, K, words)()[0][0][: ids.size]
        if not np.array_equal(every[ids], theirs):
            raise refuse("Faiss' distances", theirs.tolist(), every[ids].tolist())


def _bitmap(allowed: npt.NDArray[np.bool_]) -> Words:
    padded = np.zeros(-(-allowed.size // 64) * 64, dtype=np.bool_)
    padded[: allowed.size] = allowed
    return np.packbits(padded, bitorder="little").view(np.uint64)


def _shared(bench: Workbench, codes: Codes) -> dict[str, Any]:
    return {
        "unit": "us",
        "better": "less",
        "data": f"{len(codes):,} random codes of 256 bits",
        "seed": SEED,
        "measured": f"median of {bench.scale.queries} queries, each the median of "
        f"{bench.scale.repeats} runs",
    }


def _sum_of_four(words: Words) -> int:
    """Return the sum of uint64 words, read from four places at once: the quickest plain read.

    One core has more lines on their way from four places than from one. The last words of a number
    that is no multiple of four are left out.
    """
    apart = words.size // 4
    one, two = words[:apart], words[apart : 2 * apart]
    three, four = words[2 * apart : 3 * apart], words[3 * apart : 4 * apart]
    total = np.uint64(0)
    for i in range(apart):
        total += (one[i] + two[i]) + (three[i] + four[i])
    return total  # type: ignore[return-value]


_read: Final = njit(cache=True, nogil=True)(_sum_of_four)
