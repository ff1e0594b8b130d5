"""Where the tour plays: a copy of the sample shelf, open with all that a search goes through.

The shelf is understood once and kept beside the other libraries; each tour copies what was learned
to a temporary folder and plays there. So nothing that a tour does outlives it, also where it is cut
short, and no library of anybody's is touched or remembered as the one used last.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aggregator.top.rewrite import modules_of
from aggregator.top.sight import circle_of
from alicorn.api.search.v1 import search_pb2
from alicorn.command.console import say
from alicorn.command.index import fill
from alicorn.command.library import Library, open_library
from alicorn.command.opening import SAMPLE_PHOTOS, sample_here
from alicorn.command.tiers import LocalTiers
from alicorn.config.places import sample_library
from alicorn.config.serving import ServingConfig
from alicorn.errors import NotFound
from alicorn.log import PutFriendship, RemoveFriendship
from alicorn.query import parse
from indexserver.execution.explain import Explained, explain

__all__ = ["ANA", "BEN", "Stage", "staged"]

ANA: Final = 1
BEN: Final = 2

_NAME: Final = "tour-shelf"

# Kernels may have to be compiled while the first question is answered.
_PATIENT: Final = ServingConfig(shard_timeout_s=60.0, search_timeout_s=60.0)


@dataclass(frozen=True, slots=True)
class Stage:
    """The copy, and what can be asked of it and done to it; who asks is Ana."""

    tiers: LocalTiers
    kept: Library
    """What the copy was made of: for commands that the visitor types afterwards."""

    def search(
        self, query: str, *, expression: bool = False, folding: bool = True
    ) -> search_pb2.SearchResponse:
        """Answer ``query`` through every tier."""
        return self.tiers.search.search(_request(query, expression, folding))

    def explain(self, query: str, photo: int) -> search_pb2.ExplainResponse:
        """Tell why ``photo`` stands where it stands; NotFound if Ana may not see it."""
        request = search_pb2.ExplainRequest(search=_request(query), photo_id=photo)
        return self.tiers.search.explain(request)

    def has_picture(self, photo: int) -> bool:
        """Whether Ana is given the small picture of ``photo``."""
        request = search_pb2.GetPictureRequest(photo_id=photo, viewer=search_pb2.Viewer(id=ANA))
        try:
            return bool(self.tiers.search.get_picture(request).jpeg)
        except NotFound:
            return False

    def is_explained(self, query: str, photo: int) -> bool:
        """Whether Ana is told anything of ``photo``."""
        try:
            self.explain(query, photo)
        except NotFound:
            return False
        return True

    def plan(self, query: str) -> Explained:
        """Return what the shards do for the first module of ``query``, Ana's own and friends'."""
        core = parse(self.search(query).expression)
        social, _ = modules_of(core, circle_of(self.tiers.graph, ANA))
        views = [shard.view for shard in self.tiers.shards]
        return explain(views, social.expression, social.id_arrays)

    def end_friendship(self) -> None:
        """Ana and Ben are no longer friends; it counts when this returns."""
        self.tiers.log.append([RemoveFriendship(ANA, BEN)])

    def make_friends(self) -> None:
        """Ana and Ben are friends."""
        self.tiers.log.append([PutFriendship(ANA, BEN)])


@contextmanager
def staged() -> Iterator[Stage]:
    """Yield a stage that is gone afterwards, with its kernels loaded."""
    kept = sample_here(say, sample_library().with_name(_NAME))
    if not kept.log_path.exists():
        say("understanding the tour's sample shelf, once")
    fill(kept, workers=0)
    with tempfile.TemporaryDirectory(prefix="alicorn-tour-") as folder:
        copy = Path(folder) / "shelf"
        # The photos are not looked at any more; the databases are closed, so they are whole.
        left_out = shutil.ignore_patterns(SAMPLE_PHOTOS, "*-wal", "*-shm")
        shutil.copytree(kept.path, copy, ignore=left_out)
        with LocalTiers(open_library(copy), serving=_PATIENT, writable=True) as tiers:
            tiers.catch_up()
            stage = Stage(tiers, kept)
            # So that the times that are shown are those of a server that runs.
            stage.search("(all)", expression=True)
            stage.search("cat")
            yield stage


def _request(
    query: str, expression: bool = False, folding: bool = True
) -> search_pb2.SearchRequest:
    return search_pb2.SearchRequest(
        query=query,
        viewer=search_pb2.Viewer(id=ANA),
        is_expression=expression,
        without_folding=not folding,
    )
