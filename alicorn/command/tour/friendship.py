"""The tour's third step: a friendship ends, and the friend's photo is gone from the next answer."""

from __future__ import annotations

from typing import Final

from alicorn.command.tour.stage import BEN, Stage
from alicorn.command.tour.step import (
    THING,
    Outcome,
    Step,
    claim,
    friends_photo,
    ids_of,
    name_of,
    photos_of,
)

__all__ = ["FRIENDSHIP"]


def _unfriend(stage: Stage) -> Outcome:
    photo = friends_photo(stage)
    before = ids_of(stage.search(THING))

    def row(when: str) -> tuple[tuple[str, ...], bool]:
        here = photo.id in ids_of(stage.search(THING))
        picture, told = stage.has_picture(photo.id), stage.is_explained(THING, photo.id)
        claim(
            here == picture == told,
            f"{photo.uri}: in the answer {here}, its picture {picture}, explained {told}",
        )
        return (when, *("yes" if shown else "no" for shown in (here, picture, told))), here

    rows = [row("friends")]
    stage.end_friendship()
    try:
        rows.append(row("no longer friends"))
        left = stage.search(THING)
    finally:
        stage.make_friends()
    rows.append(row("friends again"))
    claim([here for _, here in rows] == [True, False, True], f"{photo.uri} did not come and go")
    authors = {shown.author for shown in photos_of(left)}
    claim(BEN not in authors, "a photo of Ben's was still in the answer")
    claim(ids_of(stage.search(THING)) == before, "the answer is not the one of before")
    return Outcome(
        columns=("Ana and Ben are", "in the answer", "its picture", "its explanation"),
        rows=[cells for cells, _ in rows],
        lines=[f"meanwhile: {' · '.join([*map(name_of, photos_of(left)), *left.notices])}"],
        found={
            "photo": photo.uri,
            "seen": [here for _, here in rows],
            "left": [shown.uri for shown in photos_of(left)],
        },
    )


FRIENDSHIP: Final = Step(
    title="End a friendship",
    says="The first photo is Ben's, for his friends. Ana and Ben end their friendship. The very "
    "next answer must not have it, and its picture and its explanation must be gone as "
    "well. Then they make friends again.",
    typed=lambda _: [
        "log.append([RemoveFriendship(1, 2)])   # on the page: the menu of people, End",
        f"alicorn search {THING}",
        "log.append([PutFriendship(1, 2)])",
        f"alicorn search {THING}",
    ],
    play=_unfriend,
    notice="Nothing was indexed anew. Who may see a photo is asked of the graph, after the photo "
    "was found and before anything looks at it; so there is no moment in between.",
)
