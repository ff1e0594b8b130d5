"""Printing and parsing are each other's inverse, for every tree that the language has."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from alicorn.query import (
    ONE,
    All,
    And,
    Apply,
    Difference,
    Expr,
    Extract,
    Ids,
    Nn,
    Or,
    Prefix,
    Range,
    StrongOr,
    Term,
    WeakAnd,
    check_placement,
    parse,
    print_expression,
)

names = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
# Everything that has a UTF-8, with a liking for what the grammar reserves.
values = st.text(
    st.one_of(st.sampled_from(' ()[]"\\*:@\n\t\xa0é'), st.characters(exclude_categories=["Cs"])),
    max_size=12,
)
bounds = st.none() | st.integers(-(1 << 63), (1 << 63) - 1)
counts = st.integers(1, 1_000_000)


@st.composite
def common(draw: st.DrawFn, above: str) -> dict[str, Any]:
    """Weight and marks of an operand directly below the operator ``above``."""
    fields: dict[str, Any] = {}
    if draw(st.booleans()):
        fields |= {"weight": draw(st.integers(0, 16 * ONE)), "weighted": True}
    marks = ["none"]
    if above in {"weak-and", "strong-or"}:
        marks.append("optional_weight")
    if above == "weak-and":
        marks.append("optional_hits")
    mark = draw(st.sampled_from(marks))
    if mark != "none":
        fields[mark] = draw(st.integers(0, ONE if mark == "optional_weight" else 1_000_000))
    return fields


@st.composite
def trees(
    draw: st.DrawFn,
    *,
    depth: int = 4,
    above: str = "",
    soft: bool = True,
    subtracted: bool = False,
    applies: int = 0,
) -> Expr:
    """Any tree whose operands stand where they may, at most ``depth`` levels deep."""
    operators = ["term", "term", "prefix", "nn-radius", "range", "ids", "all"]
    if not subtracted:
        operators.append("nn-k")
    if depth > 1:
        operators += ["and", "or", "difference", "extract"]
        operators += ["weak-and", "strong-or"] * (2 if soft else 0)
        operators += ["apply"] * (applies < 3)
    operator = draw(st.sampled_from(operators))
    fields = draw(common(above))

    def below(keeps_soft: bool, subtracts: bool = False) -> st.SearchStrategy[Expr]:
        return trees(
            depth=depth - 1,
            above=operator,
            soft=soft and keeps_soft,
            subtracted=subtracted or subtracts,
            applies=applies + (operator == "apply"),
        )

    def operands(keeps_soft: bool) -> tuple[Expr, ...]:
        return tuple(draw(st.lists(below(keeps_soft), min_size=1, max_size=3)))

    match operator:
        case "term":
            return Term(draw(names), draw(values.filter(bool)), **fields)
        case "prefix":
            return Prefix(draw(names), draw(values), **fields)
        case "nn-radius" | "nn-k":
            space = draw(st.sampled_from(["visual", "joint"]))
            code = draw(st.binary(min_size=32, max_size=32))
            if operator == "nn-radius":
                return Nn(space, code, radius=draw(st.integers(0, 256)), **fields)
            within = draw(st.none() | below(False)) if depth > 1 else None
            return Nn(space, code, k=draw(counts), within=within, **fields)
        case "range":
            return Range(draw(names), draw(bounds), draw(bounds), **fields)
        case "ids":
            return Ids(draw(names), draw(st.integers(0, 9_999)), **fields)
        case "all":
            return All(**fields)
        case "and":
            return And(operands(True), **fields)
        case "or":
            return Or(operands(False), **fields)
        case "weak-and":
            return WeakAnd(operands(True), **fields)
        case "strong-or":
            return StrongOr(operands(True), **fields)
        case "difference":
            first = draw(below(True))
            rest = draw(st.lists(below(False, subtracts=True), min_size=1, max_size=2))
            return Difference((first, *rest), **fields)
        case "extract":
            return Extract(draw(names), draw(below(False)), **fields)
        case _:
            limit, by = draw(st.none() | counts), draw(st.none() | names)
            return Apply(draw(names), draw(below(False)), limit=limit, by=by, **fields)


@given(tree=trees())
@example(tree=Prefix("name", ""))
@example(tree=Prefix("name", "mar y"))
@example(tree=Term("tag", "ball*"))
@example(tree=Term("tag", "dog", weighted=True))
def test_parsing_what_was_printed_gives_the_same_tree(tree: Expr) -> None:
    """The text is what travels between tiers; nothing of a query may be lost on the way (PS-32)."""
    assert tree == parse(print_expression(tree))


@given(tree=trees())
def test_a_printing_is_its_own_canonical_form(tree: Expr) -> None:
    """Caches and logs compare texts: equal trees must have one text."""
    text = print_expression(tree)

    assert text == print_expression(parse(text))


@given(tree=trees())
def test_every_drawn_tree_is_placed_rightly(tree: Expr) -> None:
    """The strategy must draw from the language and nothing else, or the tests above say little."""
    check_placement(tree)


@given(tree=trees(), data=st.data())
def test_white_space_between_items_does_not_matter(tree: Expr, data: st.DataObject) -> None:
    """People write queries over several lines; the tree must not depend on it."""
    text = print_expression(tree)
    spaces = data.draw(st.sampled_from(["  ", "\n", "\t ", "\r\n", "\u2003"]))
    loose, quoted, escaped = [], False, False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
            loose.append(character)
        elif character == " ":
            loose.append(spaces)
        else:
            quoted = character == '"'
            loose.append(character)

    assert tree == parse(f"{spaces}{''.join(loose)}{spaces}")
