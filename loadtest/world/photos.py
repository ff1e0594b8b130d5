"""Photos of a block: everything that understanding and their owners would have said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents import AudienceKind, Place
from alicorn.documents.batch import PhotoBatch
from alicorn.documents.model import UNKNOWN_TIME
from loadtest.world.cameras import CAMERAS
from loadtest.world.captions import album_of, caption_of, first_name, thing_of
from loadtest.world.codes import fingerprints, flipped, visual_codes
from loadtest.world.friendships import Friendships
from loadtest.world.moments import Moments
from loadtest.world.people import KINDS, People
from loadtest.world.scenes import Scenes
from loadtest.world.seeing import Seen, Sight
from loadtest.world.shots import Shots
from loadtest.world.towns import Towns

__all__ = ["Surroundings", "draw_photos"]

_PRIVATE: Final = 0.03
"""Photos that their owner keeps, whatever the habit."""
_UNDATED: Final = 0.005
_FLAT: Final = 0.03
"""Photos whose fingerprint says little."""
_IN_PICTURE: Final = 0.3
"""How often somebody who was there is in a photo."""
_STRIPPED: Final = 0.5
"""Copies that lost what the camera had noted."""
_COPIED_CAPTION: Final = 0.5
_ALBUM: Final = 0.5
_ALBUM_PHOTOS: Final = 5
"""Least size of a moment that becomes an album."""
_UPRIGHT: Final = 0.35
_SEEN_BY: Final = {
    AudienceKind.PUBLIC: 4.0,
    AudienceKind.FRIENDS: 1.5,
    AudienceKind.LIST: 0.6,
    AudienceKind.ONLY_ME: 0.05,
}
"""How often a photo is opened, beside others."""
_VISUAL_BITS: Final = 6
_FINGERPRINT_BITS: Final = 8
"""Most bits that differ between a copy and its original."""
# 1900-01-01: see `alicorn.documents.model.static_rank`.
_SECONDS_1900: Final = 2_208_988_800

_KINDS: Final = np.array([int(kind) for kind in KINDS], dtype=np.uint8)
_SEEN: Final = np.array([_SEEN_BY[kind] for kind in KINDS])


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What every block is drawn from."""

    people: People
    friendships: Friendships
    scenes: Scenes
    sight: Sight
    towns: Towns


def draw_photos(
    moments: Moments,
    shots: Shots,
    around: Surroundings,
    *,
    first_id: int,
    first_sequence: int,
    random: np.random.Generator,
) -> PhotoBatch:
    """Draw what is known of the photos of a block; ids and places in the log ascend by one."""
    count = shots.moments.size
    copies, own = shots.copies, shots.sources[shots.copies]
    seen = _seen(shots, around.sight, random)
    visual = visual_codes(seen, shots.moments, shots.shots, random)
    visual[copies] = flipped(visual[own], _VISUAL_BITS, random)
    prints = fingerprints(count, random)
    prints[copies] = flipped(prints[own], _FINGERPRINT_BITS, random)
    good = np.where(random.random(count) < _FLAT, 30, 100).astype(np.uint8)
    good[copies] = good[own]
    tags = around.sight.tags(seen)
    authors = moments.people[shots.moments, shots.authors]
    kinds = moments.kinds[shots.moments, shots.authors]
    kinds = np.where(random.random(count) < _PRIVATE, KINDS.index(AudienceKind.ONLY_ME), kinds)
    taken_at = np.where(random.random(count) < _UNDATED, UNKNOWN_TIME, shots.taken_at)
    quality = random.beta(6.0, 2.0, count)
    quality[copies] = quality[own] * 0.9
    liked = np.exp(random.normal(0.7, 1.3, count)) * _SEEN[kinds]
    liked *= np.sqrt(1 + around.friendships.degrees[authors]) / 3
    widths, heights = _sizes(shots, around.people.cameras[authors], random)
    stripped = np.zeros(count, dtype=np.bool_)
    stripped[copies] = random.random(copies.size) < _STRIPPED
    beside = _Beside(moments, shots, around, taken_at, authors, stripped, random)
    dated = taken_at != UNKNOWN_TIME
    ranks = np.where(dated, (np.where(dated, taken_at, 0) + _SECONDS_1900) // 60, 0)
    ids = np.arange(first_id, first_id + count)
    hashes = random.bytes(32 * count)
    return PhotoBatch(
        concepts=around.sight.names,
        ids=ids.astype(np.uint64),
        sort_keys=ranks.astype(np.uint32),
        authors=(authors + 1).astype(np.uint64),
        audiences=_KINDS[kinds],
        taken_at=taken_at,
        quality=quality.astype(np.float32),
        popularity=np.minimum(liked, 1e6).astype(np.uint32),
        widths=widths,
        heights=heights,
        fingerprint_qualities=good,
        visual=visual,
        fingerprints=prints,
        written=np.arange(first_sequence, first_sequence + count).astype(np.uint64),
        tag_starts=tags.starts,
        tag_concepts=tags.concepts,
        tag_levels=tags.levels,
        content_hashes=[hashes[at : at + 32] for at in range(0, 32 * count, 32)],
        tagged=beside.tagged,
        members=_members(moments, shots, around.friendships, authors, kinds, random),
        places=beside.places,
        cameras=beside.cameras,
        captions=beside.captions,
        albums=beside.albums,
        uris=[
            f"{author + 1:05d}/{CAMERAS[camera].files.format(id_ % 10_000)}"
            for author, camera, id_ in zip(
                authors.tolist(), beside.models, ids.tolist(), strict=True
            )
        ],
    )


def _seen(shots: Shots, sight: Sight, random: np.random.Generator) -> Seen:
    """Return what is seen in each photo: photos of a shot differ little, copies less."""
    found = sight.see(shots.subjects, shots.settings, random).take(shots.shots)
    wavering = np.exp(random.normal(0.0, 0.12, found.classes.shape))
    copies = shots.copies
    small = np.exp(random.normal(0.0, 0.01, (copies.size, wavering.shape[1])))
    wavering[copies] = wavering[shots.sources[copies]] * small
    probabilities = found.probabilities * wavering
    return Seen(found.classes, probabilities / probabilities.sum(axis=1, keepdims=True))


def _sizes(
    shots: Shots, cameras: npt.NDArray[np.int64], random: np.random.Generator
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
    """Return widths and heights in pixels; a copy has the shape of its original, made smaller."""
    count = len(cameras)
    models = np.array([(camera.width, camera.height) for camera in CAMERAS])
    sizes = models[cameras[:, 0]]
    upright = (random.random(count) < _UPRIGHT)[shots.sources]
    sizes = np.where(upright[:, np.newaxis], sizes[:, ::-1], sizes)
    copies = shots.copies
    smaller = random.choice([0.25, 0.5, 0.75], copies.size)
    sizes[copies] = (sizes[shots.sources[copies]] * smaller[:, np.newaxis]).astype(np.int64)
    return sizes[:, 0].astype(np.uint16), sizes[:, 1].astype(np.uint16)


def _members(
    moments: Moments,
    shots: Shots,
    friendships: Friendships,
    authors: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> list[tuple[int, ...]]:
    """Return whom the lists name: those who were there, and a few friends; ids, ascending."""
    found: list[tuple[int, ...]] = [()] * len(authors)
    for row in np.flatnonzero(kinds == KINDS.index(AudienceKind.LIST)).tolist():
        author = int(authors[row])
        listed = {int(p) for p in moments.people[shots.moments[row]] if p >= 0}
        friends = friendships.of(author)
        chosen = (random.random(3) * friends.size).astype(np.int64)
        listed |= set(friends[chosen].tolist()) if friends.size else set()
        found[row] = tuple(sorted(person + 1 for person in listed - {author}))
    return found


class _Beside:
    """What stands beside the pictures, one entry a photo in each list."""

    def __init__(
        self,
        moments: Moments,
        shots: Shots,
        around: Surroundings,
        taken_at: npt.NDArray[np.int64],
        authors: npt.NDArray[np.int64],
        stripped: npt.NDArray[np.bool_],
        random: np.random.Generator,
    ) -> None:
        people, count = around.people, authors.size
        second = random.random(count) < 0.1
        self.models = people.cameras[authors, second.astype(np.int64)].tolist()
        self.cameras = [
            "" if lost else CAMERAS[model].name
            for model, lost in zip(self.models, stripped.tolist(), strict=True)
        ]
        self.places = _places(moments, shots, around, authors, stripped, random)
        self.tagged = _tagged(moments, shots, authors, random)
        years = (taken_at.astype("datetime64[s]").astype("datetime64[Y]")).astype(str)
        years[taken_at == UNKNOWN_TIME] = ""
        self.albums = _albums(moments, shots, around, years.tolist(), random)
        self.captions = self._captions(moments, shots, around, years.tolist(), authors, random)

    def _captions(
        self,
        moments: Moments,
        shots: Shots,
        around: Surroundings,
        years: list[str],
        authors: npt.NDArray[np.int64],
        random: np.random.Generator,
    ) -> list[str]:
        people, scenes = around.people, around.scenes.scenes
        chances = random.random((authors.size, 3))
        wordy = chances[:, 0] < people.wordiness[authors]
        copied = shots.sources != np.arange(authors.size)
        found = [""] * authors.size
        for row in np.flatnonzero(wordy & ~copied).tolist():
            titles = scenes[moments.scenes[shots.moments[row]]].titles
            place = self.places[row]
            subject = int(shots.subjects[shots.shots[row], 0])
            found[row] = caption_of(
                people.languages[int(authors[row])],
                thing_of(around.sight.names[subject]),
                titles[int(chances[row, 1] * len(titles))],
                place.name if place else "",
                [first_name(people.names[person - 1]) for person in self.tagged[row][:2]],
                years[row],
                float(chances[row, 2]),
            )
        for row in np.flatnonzero(copied & (chances[:, 0] < _COPIED_CAPTION)).tolist():
            found[row] = found[shots.sources[row]]
        return found


def _places(
    moments: Moments,
    shots: Shots,
    around: Surroundings,
    authors: npt.NDArray[np.int64],
    stripped: npt.NDArray[np.bool_],
    random: np.random.Generator,
) -> list[Place | None]:
    cities = around.towns.cities
    north, east = around.towns.positions(moments.towns, random)
    rows = moments.towns[shots.moments]
    noted = around.people.located[authors] & ~stripped
    # Some dozens of metres about.
    north = np.round(north[shots.moments] + random.normal(0, 3e-4, rows.size), 5)
    east = np.round(east[shots.moments] + random.normal(0, 3e-4, rows.size), 5)
    ids = cities.id[rows].tolist()
    columns = zip(noted.tolist(), rows.tolist(), ids, north.tolist(), east.tolist(), strict=True)
    return [
        Place(id_, cities.name[row], cities.country[row], latitude, longitude) if known else None
        for known, row, id_, latitude, longitude in columns
    ]


def _tagged(
    moments: Moments,
    shots: Shots,
    authors: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> list[tuple[int, ...]]:
    """Return who of those who were there is in each photo: ids, ascending; never its author."""
    there = moments.people[shots.moments]
    shown = random.random(there.shape) < _IN_PICTURE
    shown &= (there >= 0) & (there != authors[:, np.newaxis])
    copies = shots.copies
    shown[copies] = shown[shots.sources[copies]] & (there[copies] != authors[copies, np.newaxis])
    found: list[tuple[int, ...]] = [()] * len(authors)
    for row in np.flatnonzero(shown.any(axis=1)).tolist():
        found[row] = tuple(sorted((there[row][shown[row]] + 1).tolist()))
    return found


def _albums(
    moments: Moments,
    shots: Shots,
    around: Surroundings,
    years: list[str],
    random: np.random.Generator,
) -> list[str]:
    """Return the album of each photo: larger moments often are one, of whoever photographed."""
    cities, scenes = around.towns.cities, around.scenes.scenes
    kept = (moments.sizes >= _ALBUM_PHOTOS) & (random.random(len(moments)) < _ALBUM)
    chances = random.random(len(moments))
    names = [""] * len(moments)
    firsts = (np.cumsum(moments.sizes) - moments.sizes).tolist()
    for row in np.flatnonzero(kept).tolist():
        titles = scenes[moments.scenes[row]].titles
        title = titles[int(chances[row] * len(titles))]
        names[row] = album_of(title, cities.name[moments.towns[row]], years[firsts[row]])
    mine = shots.authors == 0
    return [
        names[row] if of_owner else ""
        for row, of_owner in zip(shots.moments.tolist(), mine.tolist(), strict=True)
    ]
