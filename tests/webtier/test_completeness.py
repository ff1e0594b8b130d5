"""How complete an answer is, in words."""

from __future__ import annotations

import pytest

from alicorn.api.search.v1 import search_pb2 as pb
from webtier.completeness import missing, ranked_share, share_of_the_index, step_views


@pytest.mark.parametrize(
    ("answered", "shards", "expected"),
    [
        (1, 2, "half of the index"),
        (2, 4, "half of the index"),
        (3, 4, "three quarters of the index"),
        (0, 4, "nothing of the index"),
        (4, 4, "all of the index"),
        (6, 7, "85 % of the index"),
        (999, 1_000, "99 % of the index"),
        (0, 0, "all of the index"),
    ],
)
def test_a_share_is_told_as_people_say_it(answered, shards, expected):
    """Rounded down where it has no name, so that nearly all is never called all."""
    assert expected == share_of_the_index(answered, shards)


@pytest.mark.parametrize(
    ("answered", "shards", "stopped", "expected"),
    [
        (1, 2, (1,), "Half of the index answered: shard 1 is stopped."),
        (1, 4, (0, 2, 3), "A quarter of the index answered: shards 0, 2 and 3 are stopped."),
        (4, 5, (2,), "80 % of the index answered: shard 2 is stopped."),
        (2, 2, (), ""),
        (2, 2, (1,), ""),
    ],
)
def test_a_shard_that_was_stopped_is_not_called_late(answered, shards, stopped, expected):
    """Searching again would not bring it back."""
    coverage = pb.Coverage(shards=shards, answered=answered, share=answered / shards)

    assert expected == missing(coverage, stopped)


def test_limits_are_told_in_words_and_a_common_word_is_no_fault():
    """That there is more than a page can rank stands with the figures, not in a warning."""
    cut = pb.Coverage(shards=1, answered=1, share=1, cuts=["deadline", "new", "retrieve-limit"])
    common = pb.Coverage(shards=1, answered=1, share=1, cuts=["retrieve-limit"])

    assert missing(cut) == "Time ran out before everything had been looked at. Limits reached: new."
    assert missing(common) == ""
    assert ranked_share(common).startswith("More photos match than are ranked")
    assert ranked_share(pb.Coverage()) == ""


def test_steps_stand_in_the_order_in_which_they_happen():
    """The total is their sum to the reader, not a step of its own; an unknown step is not lost."""
    steps = step_views({"total": 10.0, "zzz": 1.0, "present": 2.0, "understand": 5.0})

    assert [(step.name, step.took, step.percent) for step in steps] == [
        ("Understand the words", "5.0 ms", 50),
        ("Say why", "2.0 ms", 20),
        ("zzz", "1.0 ms", 10),
    ]
    assert step_views({}) == ()
    assert step_views({"fetch": 0.0})[0].percent == 0
