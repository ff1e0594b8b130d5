"""Blocks of a synthetic world as a library takes them: rows of its log, a segment for each shard.

Blocks are made in processes of their own, as many as there are cores, a few ahead of the one that
is wanted: memory does not grow with the world. They come in order, so a log and its shards grow as
if the photos had been written one after the other.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from alicorn.command.library import WorldSettings
from alicorn.command.parent import end_with
from alicorn.documents.partition import partition_of, shard_of_partition
from alicorn.log.bulk import Rows, rows_of_photos
from indexserver.postings.batch import build_batch, terms_of_batch
from loadtest.world.generator import World

__all__ = ["Block", "made_blocks"]

_AHEAD: Final = 2
"""Blocks that are finished or being made beside one for each process."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of photos."""

    photos: int
    rows: Rows
    segments: tuple[bytes, ...]
    """One for each shard; empty where it has no photo of the block."""


def made_blocks(
    world: World, settings: WorldSettings, shards: int, first: int
) -> Generator[Block, None, None]:
    """Yield the blocks of ``world``, in order.

    Parameters
    ----------
    settings : WorldSettings
        Of ``world``: what other processes make it from.
    first : int
        Place in the log of the first photo.
    """
    processes = min(os.cpu_count() or 1, world.blocks)
    if processes == 1:
        for number in range(world.blocks):
            yield _made(world, number, shards, first)
        return
    # Not forked: whoever builds a world may have threads.
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(settings, os.getpid()),
    )
    try:
        waiting: deque[Future[Block]] = deque()
        for number in range(world.blocks):
            waiting.append(pool.submit(_made_elsewhere, number, shards, first))
            if len(waiting) == processes + _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _made(world: World, number: int, shards: int, first: int) -> Block:
    batch = world.block(number, first_sequence=first)
    terms = terms_of_batch(batch)
    shard = np.array([shard_of_partition(partition_of(i), shards) for i in batch.ids.tolist()])
    written = batch.written
    segments = [
        build_batch(
            batch,
            terms,
            shard == wanted,
            first_sequence=int(written[0]),
            last_sequence=int(written[-1]),
        )
        if (shard == wanted).any()
        else b""
        for wanted in range(shards)
    ]
    return Block(len(batch), rows_of_photos(batch), tuple(segments))


class _Process:
    """What one of the other processes has: the world, made once."""

    world: World


def _begin(settings: WorldSettings, parent: int) -> None:
    # Ctrl-C reaches everybody at the terminal; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent)
    # Rows and terms are millions of small objects without a cycle: looking for some finds none.
    gc.disable()
    _Process.world = World(people=settings.people, photos=settings.photos, seed=settings.seed)


def _made_elsewhere(number: int, shards: int, first: int) -> Block:
    return _made(_Process.world, number, shards, first)
