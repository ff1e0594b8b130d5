"""What the page says about an answer."""

from __future__ import annotations

from importlib import resources

import pytest

from alicorn.api.search.v1 import search_pb2 as pb
from webtier.questions import Question
from webtier.views import answer_view, progress_view, ratio_class, suggestions

ASKED = Question(text="cat", limit=60)


def test_every_ratio_has_a_class_in_the_style_sheet():
    """The layout rests on these classes alone: a missing one would collapse a tile."""
    sheet = (resources.files("webtier") / "static" / "ratios.css").read_text()
    sizes = [(width, height) for width in range(1, 300, 7) for height in range(1, 300, 7)]

    assert all(f".{ratio_class(*size)} {{" in sheet for size in [*sizes, (0, 0), (10**6, 1)])


@pytest.mark.parametrize(
    ("size", "expected"), [((100, 100), "r100"), ((3000, 2000), "r150"), ((1, 50), "r50")]
)
def test_the_class_is_the_nearest_step(size, expected):
    """A picture keeps its shape to within the step."""
    assert expected == ratio_class(*size)


def test_the_footer_tells_time_shards_and_share():
    """Every answer says how complete it is."""
    response = pb.SearchResponse(
        modules=[pb.Module(photos=[pb.Photo(id=1)])],
        coverage=pb.Coverage(shards=2, answered=2, share=1.0),
        timings_ms={"total": 12.3},
    )
    expected = ("1 photo", "12 ms", "2 of 2 shards", "100 % of the index")

    assert expected == answer_view(response, ASKED).footer


def test_nearly_all_is_never_called_all():
    """99.9 % is rounded down: 100 % is said of everything only."""
    response = pb.SearchResponse(coverage=pb.Coverage(shards=2, answered=2, share=0.999))
    view = answer_view(response, ASKED)

    assert "99 % of the index" in view.footer
    assert "99 %" in view.partial


def test_missing_shards_and_cuts_are_told_in_words():
    """A partial answer must not look complete."""
    coverage = pb.Coverage(shards=4, answered=3, share=0.75, cuts=["candidates"])
    partial = answer_view(pb.SearchResponse(coverage=coverage), ASKED).partial

    assert "3 of 4 shards" in partial
    assert "three quarters of the index (75 %)" in partial
    assert "candidates" in partial


def test_a_picture_is_described_by_its_caption_else_by_its_tags():
    """Who cannot see the picture hears what is in it."""
    tagged = pb.Photo(id=2, tags=[pb.Tag(concept="cat"), pb.Tag(concept="sofa")])
    response = pb.SearchResponse(
        modules=[pb.Module(photos=[pb.Photo(id=1, caption="Tom"), tagged, pb.Photo(id=3)])]
    )
    photos = answer_view(response, ASKED).modules[0].photos

    assert [photo.alt for photo in photos] == ["Tom", "Photo of cat, sofa", "Photo"]


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "a/b.jpg", "//evil/"])
def test_only_web_addresses_become_links(uri):
    """A uri is data that somebody wrote: it is shown, and followed only if it is http."""
    response = pb.SearchResponse(modules=[pb.Module(photos=[pb.Photo(id=1, uri=uri)])])

    assert answer_view(response, ASKED).modules[0].photos[0].link == ""


def test_suggestions_are_the_most_frequent_sure_tags():
    """What is suggested is found again, and comes from this very answer."""
    photos = [
        pb.Photo(
            tags=[pb.Tag(concept="dog", confidence=0.9), pb.Tag(concept="cat", confidence=0.9)]
        ),
        pb.Photo(
            tags=[pb.Tag(concept="dog", confidence=0.8), pb.Tag(concept="fog", confidence=0.1)]
        ),
    ]
    response = pb.SearchResponse(modules=[pb.Module(photos=photos)])

    assert suggestions(response) == ("dog", "cat")


def test_progress_counts_failures_as_handled():
    """A folder with a broken file still reaches its end."""
    view = progress_view(pb.Understanding(found=4, done=3, failed=1, running=True))

    assert view.percent == 100
    assert "1 could not be read" in view.detail
    assert progress_view(pb.Understanding()).percent == 0
