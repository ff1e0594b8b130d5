"""Malformed texts: the column, what was expected there, and nothing worse than that."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alicorn.errors import AlicornError, MalformedQuery
from alicorn.query import parse, print_expression

CODE = "visual:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        # Nothing, too little, too much
        ("", 1, "an expression"),
        ("   ", 4, "an expression"),
        (")", 1, "an expression"),
        ("*", 1, "an expression"),
        (":weight", 1, "an expression"),
        ("tag:a tag:b", 7, "the end of the text"),
        ("(all))", 6, "the end of the text"),
        ("(and tag:a", 11, "an operand, an attribute or ')'"),
        ("(and tag:a [0.5])", 12, "a bracketed operand"),
        ("(and (all) 0.5])", 12, "an edge type"),
        ("(and [0.5])", 6, "an operand, an attribute or ')'"),
        # Operators
        ("()", 2, "an operator"),
        ("(", 2, "an operator"),
        ("(adn tag:a)", 2, "'and'"),
        ("(and* tag:a)", 2, "an operator"),
        ("((all))", 2, "an operator"),
        ("(and)", 5, "an operand"),
        ("(and :weight 2)", 6, "an operand"),
        ("(difference tag:a)", 18, "another operand"),
        ("(apply friend: tag:a tag:b)", 22, "an attribute or ')'"),
        ("(all tag:a)", 6, "an attribute or ')'"),
        # Terms
        ("dog", 4, "':' and a value"),
        ("tag:", 5, "a value after ':'"),
        ('"tag:"', 6, "a value after ':'"),
        (":dog", 1, "an expression"),
        ("Tag:dog", 1, "an edge type"),
        ("5:dog", 1, "an edge type"),
        ("ta_g:dog", 3, "an edge type"),
        ('"tA:dog"', 3, "an edge type"),
        ('"tag"', 5, "':' and a value"),
        ("(term)", 6, "a term"),
        ("(prefix name:mar*)", 9, "without '*'"),
        ("name:m*r", 8, "white space or a bracket"),
        ("name:m**", 8, "white space or a bracket"),
        # Quotes and reserved characters
        ('"tag:a', 7, "'\"'"),
        ('"tag:a\\"', 9, "'\"'"),
        ('"tag:\\n"', 7, "'\"' or '\\'"),
        ('"tag:\\', 7, "'\"' or '\\'"),
        ("tag:a\\b", 6, "white space or a bracket"),
        ("(and \\)", 6, "a quoted term"),
        ('tag:a"b"', 6, "white space or a bracket"),
        ('"tag:a""tag:b"', 8, "white space or a bracket"),
        ("(and tag:\ud800)", 10, "well-formed text"),
        # apply, extract, nn, range, ids
        ("(apply friend friend:5)", 8, "a name and ':'"),
        ("(apply friend:5)", 8, "a name and ':'"),
        ("(extract: tag:a)", 2, "an operator"),
        ("(apply friend: )", 16, "an expression"),
        ("(nn visual:00 :radius 1)", 5, "64 hexadecimal digits"),
        (f"(nn text{CODE[6:]} :radius 1)", 5, "visual: or joint:"),
        (f"(nn {CODE})", 76, "exactly one"),
        (f"(nn {CODE} :radius 1 :k 2)", 87, "only one of :radius and :k"),
        (f"(nn {CODE} :radius 1 :within tag:a)", 100, "needed both"),
        ("(range taken-at 1)", 18, "a whole number of 64 bits or '*'"),
        ("(range taken-at 1.5 2)", 17, "a whole number of 64 bits or '*'"),
        ("(range taken-at 9223372036854775808 *)", 17, "a whole number of 64 bits or '*'"),
        ("(range Taken 1 2)", 8, "a field's name"),
        ("(ids author: 3)", 14, "'@' and the number of an array"),
        ("(ids author: @10000)", 14, "'@' and the number of an array"),
        # Attributes
        ("(and tag:a :wieght 2)", 12, "'weight'"),
        ("(and tag:a :weight)", 19, "a number from 0 to 16"),
        ("(and tag:a :weight 16.0001)", 20, "a number from 0 to 16"),
        ("(and tag:a :weight -1)", 20, "a number from 0 to 16"),
        ("(and tag:a :weight 0.12345)", 20, "at most four digits"),
        ("(and tag:a :weight .5)", 20, "a number from 0 to 16"),
        ("(and tag:a :weight 1e3)", 20, "a number from 0 to 16"),
        ("(and tag:a :weight ١)", 20, "a number from 0 to 16"),
        (f"(and tag:a :weight {'9' * 5000})", 20, "a number from 0 to 16"),
        ("(and tag:a :weight 2 :weight 2)", 22, ":weight only once"),
        ("(and tag:a :weight 2 tag:b)", 22, "an attribute or ')'"),
        ("(and tag:a :limit 5)", 12, "an attribute of and"),
        ("(and tag:a :k 5)", 12, "an attribute of and"),
        (f"(nn {CODE} :radius 257)", 85, "from 0 to 256"),
        (f"(nn {CODE} :k 0)", 80, "from 1 to"),
        (f"(nn {CODE} :k 5 :within)", 89, "an expression"),
        ("(apply friend: friend:5 :limit 0)", 32, "from 1 to"),
        ("(apply friend: friend:5 :limit 1000001)", 32, "from 1 to"),
        ("(apply friend: friend:5 :by Concept)", 29, "the name of a scorer"),
        # Marks and shares
        ("(term tag:a :optional-hits 2)", 13, "directly below weak-and"),
        ("(and (term tag:a :optional-weight 0.2))", 18, "directly below weak-and or strong-or"),
        ("(strong-or (term tag:a :optional-hits 2))", 24, "directly below weak-and"),
        ("(weak-and (term tag:a :optional-hits -1))", 38, "from 0 to"),
        ("(weak-and (term tag:a :optional-weight 1.1))", 40, "from 0 to 1"),
        ("(weak-and (term tag:a :optional-hits 1 :optional-weight 1))", 40, "only one of"),
        ("(weak-and (term tag:a :optional-hits 1)[0.5])", 40, "only one of"),
        ("(and (term tag:a)[0.5])", 18, "directly below weak-and or strong-or"),
        ("(all)[0.5]", 6, "directly below weak-and or strong-or"),
        ("(weak-and tag:a[0.5])", 16, "a bracketed operand"),
        ("(weak-and (all)[1.5])", 17, "from 0 to 1"),
        ("(weak-and (all)[])", 17, "from 0 to 1"),
        ("(weak-and (all)[0.5 0.6])", 21, "']'"),
        ("(weak-and (all)[0.5)", 20, "']'"),
        # Places
        ("(or (weak-and tag:a))", 5, "without soft operators"),
        ("(apply friend: (strong-or tag:a))", 16, "without soft operators"),
        ("(extract tagged: (weak-and tag:a))", 18, "without soft operators"),
        (f"(nn {CODE} :k 5 :within (weak-and tag:a))", 90, "without soft operators"),
        ("(difference tag:a (weak-and tag:b))", 19, "without soft operators"),
        ("(and tag:a (or tag:b (and (strong-or tag:c))))", 27, "without soft operators"),
        (f"(difference tag:a (nn {CODE} :k 5))", 19, "never partial"),
        (f"(difference tag:a (or tag:b (nn {CODE} :k 5)))", 29, "never partial"),
        ("(apply a: (apply a: (apply a: (apply a: a:5))))", 31, "without apply"),
    ],
)
def test_an_error_says_its_column_and_what_was_expected(
    text: str, column: int, expected: str
) -> None:
    """A query is often written by hand; "syntax error" alone would leave its writer guessing."""
    with pytest.raises(MalformedQuery) as raised:
        parse(text)

    assert column == raised.value.column
    assert expected in raised.value.expected
    assert str(raised.value).startswith(f"column {column}: ")


def test_a_message_never_repeats_a_long_text() -> None:
    """Errors are logged and sent back; a megabyte of nonsense must not come along."""
    with pytest.raises(MalformedQuery) as raised:
        parse("(and " + "x" * 500_000 + ")")

    assert len(str(raised.value)) < 200


pieces = st.sampled_from(
    [
        *'()[]*"\\ \n',
        *("and", "or", "difference", "weak-and", "strong-or", "apply", "extract", "term"),
        *("nn", "range", "ids", "all", "prefix", "tag:dog", "name:mar*", '"tag:beach ball"'),
        *(":weight", ":optional-hits", ":optional-weight", ":radius", ":k", ":within", ":limit"),
        *(":by", "friend:", "@3", "0.5", "2", "-7", CODE, "[0.5]", "é", "\U0001f408", "\x00"),
    ]
)


@given(text=st.one_of(st.text(), st.lists(pieces, max_size=30).map(" ".join)))
@example(text="(" * 100_000)
@example(text="(and " * 100_000)
@example(text="[" * 100_000)
@example(text='"' * 99_999)
@example(text='"tag:' + "\\" * 99_999)
@example(text="(and tag:a :within" * 10_000)
def test_no_text_raises_anything_but_an_alicorn_error(text: str) -> None:
    """Texts come from the network: none may crash a server, and a column must be in the text."""
    try:
        tree = parse(text)
    except AlicornError as raised:
        error = raised
    else:
        assert tree == parse(print_expression(tree))
        return

    assert isinstance(error, MalformedQuery)
    assert 1 <= error.column <= len(text) + 1
    assert error.expected


@given(
    text=st.sampled_from(
        [
            "(weak-and (and tag:a (or tag:b tag:c)) (strong-or (or a:1)[0.4] (or b:2)[0.7])[0.6])",
            f'(difference (nn {CODE} :k 5 :within "tag:beach ball") (apply friend: a:1 :limit 3))',
            "(and (range taken-at -5 *) (ids author: @3) name:mar* (all) (extract tagged: a:1))",
        ]
    ),
    data=st.data(),
)
def test_a_damaged_query_is_read_or_refused_in_order(text: str, data: st.DataObject) -> None:
    """One character lost, added or changed: the likeliest mistakes."""
    position = data.draw(st.integers(0, len(text)))
    removed = data.draw(st.integers(0, 1))
    added = data.draw(st.sampled_from(["", *'()[]"\\*: @-.0aA\ud800\xa0']))
    damaged = text[:position] + added + text[position + removed :]

    try:
        tree = parse(damaged)
    except MalformedQuery as raised:
        error = raised
    else:
        assert tree == parse(print_expression(tree))
        return

    assert 1 <= error.column <= len(damaged) + 1
