"""The same world everywhere, a block at a time."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from alicorn.documents.batch import PhotoBatch, encode_batch
from alicorn.errors import ConfigError
from loadtest.world import generator
from loadtest.world.generator import World

_DIGEST = """
import hashlib
from alicorn.documents.batch import encode_batch
from loadtest.world.generator import World
world = World(people=50, photos=120, seed=4)
print(hashlib.sha256(b"".join(encode_batch(world.block(0, first_sequence=9)))).hexdigest())
print(hashlib.sha256(repr((world.names, world.friendships.tolist())).encode()).hexdigest())
"""


def _bytes(batch: PhotoBatch) -> list[bytes]:
    return encode_batch(batch)


def test_another_process_makes_the_same_bytes() -> None:
    """Neither the order of sets nor a clock may reach a document."""
    world = World(people=50, photos=120, seed=4)
    photos = b"".join(_bytes(world.block(0, first_sequence=9)))
    people = repr((world.names, world.friendships.tolist())).encode()
    expected = [hashlib.sha256(part).hexdigest() for part in (photos, people)]
    made = subprocess.run(
        [sys.executable, "-c", _DIGEST], capture_output=True, text=True, check=True
    )

    assert expected == made.stdout.split()


def test_another_seed_makes_another_world() -> None:
    one, other = (World(people=50, photos=60, seed=seed) for seed in (1, 2))

    assert one.names != other.names
    assert _bytes(one.block(0, first_sequence=1)) != _bytes(other.block(0, first_sequence=1))


def test_blocks_are_bounded_and_together_all_the_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory for a world of any size is that of a block."""
    monkeypatch.setattr(generator, "BLOCK", 100)
    world = World(people=50, photos=350, seed=4)
    blocks = [world.block(number, first_sequence=51) for number in range(world.blocks)]

    assert [len(block) for block in blocks] == [100, 100, 100, 50]
    assert list(range(1, 351)) == np.concatenate([block.ids for block in blocks]).tolist()
    assert list(range(51, 401)) == np.concatenate([block.written for block in blocks]).tolist()


def test_a_block_depends_on_its_number_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any process may draw any block, in any order; a larger world begins with the smaller one."""
    monkeypatch.setattr(generator, "BLOCK", 60)
    world = World(people=50, photos=180, seed=4)
    larger = World(people=50, photos=300, seed=4)
    last, first = (_bytes(world.block(number, first_sequence=1)) for number in (2, 0))

    assert last == _bytes(larger.block(2, first_sequence=1))
    assert first == _bytes(larger.block(0, first_sequence=1))
    assert not set(first) & set(last)


@pytest.mark.parametrize("photos", [1, 2, 7, 4_096, 4_097])
def test_a_world_has_as_many_photos_as_were_asked_for(photos: int) -> None:
    world = World(people=5, photos=photos, seed=0)
    last = world.block(world.blocks - 1, first_sequence=1)

    assert photos == int(last.ids[-1])
    assert world.blocks == (2 if photos == 4_097 else 1)


def test_one_person_alone_has_photos_too() -> None:
    world = World(people=1, photos=40, seed=3)

    assert {1} == set(world.block(0, first_sequence=1).authors.tolist())


@pytest.mark.parametrize("wrong", [{"people": 0}, {"photos": 0}, {"seed": -1}])
def test_arguments_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="must be at least"):
        World(**{"people": 5, "photos": 5, "seed": 5, **wrong})
