"""The sample shelf through the command: what a person sees in the first minute."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import Library
from alicorn.command.sample.photographs import SOURCES
from alicorn.command.tiers import LocalTiers
from alicorn.config.serving import ServingConfig
from alicorn.errors import NotFound
from webtier.json_view import search_json

if TYPE_CHECKING:
    from conftest import Answer, Home

ANA, BEN, CHLOE, DEV, EMMA = 1, 2, 3, 4, 5


@pytest.fixture(scope="module")
def tiers(shelf: Library) -> Iterator[LocalTiers]:
    """Open the shelf once for every question that needs no command."""
    patient = ServingConfig(shard_timeout_s=60, search_timeout_s=60)
    with LocalTiers(shelf, serving=patient, writable=False) as opened:
        opened.catch_up()
        yield opened


def _asked(tiers: LocalTiers, query: str, viewer: int = ANA, **more: Any) -> dict[str, Any]:
    request = search_pb2.SearchRequest(query=query, viewer=search_pb2.Viewer(id=viewer), **more)
    return search_json(tiers.search.search(request))


def _photos(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [photo for module in answer["modules"] for photo in module["photos"]]


def test_the_first_search_in_an_empty_home_gives_the_cat_first(first_search: Answer) -> None:
    """One command, nothing prepared: the shelf is laid out, understood and searched."""
    photos = _photos(first_search.document)

    assert first_search.status == 0
    assert photos[0]["uri"].startswith("chelsea")
    assert "cat" in {tag["concept"] for tag in photos[0]["tags"]}


def test_stdout_holds_one_json_document_of_the_promised_shape(first_search: Answer) -> None:
    """Scripts read it: no log line, no progress, no key that the README does not have."""
    document = json.loads(first_search.out)
    module = document["modules"][0]

    assert list(document) == [
        *("query", "understood", "expression", "modules", "coverage", "timings_ms"),
        *("notices", "related"),
    ]
    assert document["query"] == "cat"
    assert document["understood"] == [
        {"text": "cat", "concepts": ["cat"], "start": 0, "end": 3, "kind": "concept"}
        | {"language": "en"}
    ]
    assert document["expression"] == "(or tag:cat text:cat)"
    assert list(module) == ["name", "title", "photos"]
    assert list(module["photos"][0])[:6] == ["id", "uri", "score", "tags", "similar", "why"]
    assert document["coverage"] == {"shards": 2, "answered": 2, "share": 1.0, "cuts": []}
    assert document["timings_ms"]["total"] > 0


def test_the_making_of_the_shelf_is_told_on_stderr(first_search: Answer) -> None:
    """Whoever waits wants to know for what."""
    assert "understanding the sample shelf" in first_search.said


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("cat", "chelsea"),
        ("coffee", "espresso"),
        ("motorcycle", "garage"),
        ("rocket", "launch-pad"),
        ("flower", "dahlia"),
        ("palace", "summer-palace"),
        ("astronaut", "portrait"),
        ("camera", "camera-man"),
    ],
)
def test_each_word_finds_its_photograph_first(tiers: LocalTiers, query: str, first: str) -> None:
    """The shelf is what everybody tries first; concepts and captions both lead there (PS-42)."""
    assert _photos(_asked(tiers, query))[0]["uri"].startswith(first)


def test_re_encoded_scaled_and_cropped_copies_are_folded(tiers: LocalTiers) -> None:
    """Three files of one cat are one result with two beneath it (PS-46)."""
    (cat,) = _photos(_asked(tiers, "cat"))

    assert {cat["uri"], *(copy["uri"] for copy in cat["similar"])} == {
        *("chelsea.png", "chelsea-sent.jpg", "chelsea-small.jpg")
    }
    assert {copy["reason"] for copy in cat["similar"]} == {"same picture"}


def test_two_shots_of_one_moment_are_folded(tiers: LocalTiers) -> None:
    """A step to the right, five seconds later: not the same picture, but the same moment."""
    (garage,) = _photos(_asked(tiers, "motorcycle"))

    assert [copy["reason"] for copy in garage["similar"]] == ["same moment"]
    assert {garage["uri"], garage["similar"][0]["uri"]} == {"garage-1.png", "garage-2.png"}


def test_every_shelf_gives_its_photos_the_same_ids(tiers: LocalTiers) -> None:
    """Documents say `alicorn explain cat 1`; the clock of whoever lays it out must not matter."""
    everything = [
        photo
        for viewer in (ANA, BEN, CHLOE, DEV, EMMA)
        for photo in _photos(
            _asked(tiers, "(all)", viewer, is_expression=True, without_folding=True, limit=500)
        )
    ]
    names = [entry.name for entry in (*SOURCES.photographs, *SOURCES.copies)]

    assert {photo["id"]: photo["uri"] for photo in everything} == dict(enumerate(names, start=1))


def test_without_folding_every_copy_stands_alone(tiers: LocalTiers) -> None:
    """The switch of the command: nothing is lost, only folded."""
    uris = {photo["uri"] for photo in _photos(_asked(tiers, "cat", without_folding=True))}

    assert uris == {"chelsea.png", "chelsea-sent.jpg", "chelsea-small.jpg"}


@pytest.mark.parametrize(
    ("viewer", "sees"), [(ANA, False), (BEN, False), (CHLOE, True), (DEV, False), (EMMA, True)]
)
def test_the_coins_are_for_their_owner_and_for_emma(
    tiers: LocalTiers, viewer: int, sees: bool
) -> None:
    """Ana is Chloe's friend, but on no list: neither results nor pages may tell her (PS-37)."""
    found = [photo["uri"] for photo in _photos(_asked(tiers, "coins", viewer))]
    everything = _asked(tiers, "(all)", viewer, is_expression=True, without_cutoff=True, limit=500)

    assert found == (["coins.png"] if sees else [])
    assert ("coins.png" in json.dumps(everything)) == sees


def test_a_photo_that_one_may_not_see_has_no_picture_either(tiers: LocalTiers) -> None:
    """The thumbnail is a surface of its own, and fails closed (PS-37)."""
    (coins,) = _photos(_asked(tiers, "coins", EMMA))

    def picture(viewer: int) -> bytes:
        request = search_pb2.GetPictureRequest(
            photo_id=coins["id"], viewer=search_pb2.Viewer(id=viewer)
        )
        return tiers.search.get_picture(request).jpeg

    assert picture(EMMA).startswith(b"\xff\xd8")
    with pytest.raises(NotFound):
        picture(ANA)


def test_the_same_photo_is_social_to_its_friends_and_public_to_others(tiers: LocalTiers) -> None:
    """Two requests with their own retrieval, social above public (PS-38)."""
    to_emma = _asked(tiers, "rocket", EMMA)["modules"]
    to_ana = _asked(tiers, "rocket", ANA)["modules"]

    assert [module["name"] for module in to_emma] == ["social"]
    assert "your photo" in to_emma[0]["photos"][0]["why"]
    assert [module["name"] for module in to_ana] == ["public"]


def test_every_result_says_why_it_is_there(tiers: LocalTiers) -> None:
    """A word that it shows or says, and why this viewer may see it."""
    (cup,) = _photos(_asked(tiers, "coffee"))

    assert cup["why"] == ["shows coffee", "its text says “coffee”", "Ben is your friend"]


def test_friends_see_each_others_photos_and_strangers_do_not(tiers: LocalTiers) -> None:
    """Dev's moon is for his friends: Ben sees it, Ana does not."""
    assert [photo["uri"] for photo in _photos(_asked(tiers, "moon", BEN))] == ["moon.png"]
    assert _photos(_asked(tiers, "moon", ANA)) == []


def test_explain_tells_the_chain_from_the_word_to_the_rank(
    shelf_home: Home, shelf: Library, first_search: Answer
) -> None:
    """Which concept, which term, which features, what was folded, who may see it."""
    cat = _photos(first_search.document)[0]["id"]
    answer = shelf_home.alicorn("explain", "cat", str(cat), "--json", "--library", shelf.path)
    explained = answer.document
    stages = [step["stage"] for step in explained["steps"]]

    assert answer.status == 0
    assert (explained["module"], explained["rank"]) == ("social", 1)
    assert {"concept", "term", "first stage", "folded", "sight"} <= set(stages)


def test_explain_keeps_quiet_about_a_photo_that_one_may_not_see(
    shelf_home: Home, shelf: Library, tiers: LocalTiers
) -> None:
    """An explanation would be the best way to learn of it; the status is that of a bad request."""
    (coins,) = _photos(_asked(tiers, "coins", EMMA))
    refused = shelf_home.alicorn("explain", "coins", str(coins["id"]), "--library", shelf.path)
    never = shelf_home.alicorn("explain", "coins", "4711", "--library", shelf.path)

    assert refused.status == never.status == 2
    assert refused.said.replace(str(coins["id"]), "N") == never.said.replace("4711", "N")


def test_status_counts_photos_shards_and_bytes(shelf_home: Home, shelf: Library) -> None:
    """What an operator asks first; bytes by part, so that growth can be found."""
    status = shelf_home.alicorn("status", "--json", "--library", shelf.path)
    document = status.document

    assert status.status == 0
    assert (document["library"], document["sample"]) == ("Sample shelf", True)
    assert document["documents"] == document["understanding"]["done"] == 16
    assert [shard["shard"] for shard in document["shards"]] == [0, 1]
    assert sum(shard["documents"] for shard in document["shards"]) == 16
    for shard in document["shards"]:
        assert shard["bytes_by_part"]["postings"] > 0


def test_indexing_again_understands_nothing_again(shelf_home: Home, shelf: Library) -> None:
    """Known photos cost a look at the folder, no more."""
    again = shelf_home.alicorn("index", "--sample", "--json").document

    assert (again["found"], again["understood"], again["known"]) == (16, 0, 16)
    assert again["failed"] == again["removed"] == []


def test_people_read_tables_and_a_line_of_figures(shelf_home: Home, shelf: Library) -> None:
    """Results on stdout, figures beside them: `alicorn search cat | less` stays readable."""
    answer = shelf_home.alicorn("search", "cat", "--library", shelf.path)

    assert answer.status == 0
    assert "chelsea" in answer.out
    assert "similar" in answer.out
    assert "1 photos" in answer.said
    assert "2 of 2 shards" in answer.said
