"""Modules around a core: two requests that never share a photo, and miss none that may be seen."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import numpy as np
import pytest

from aggregator.top.rewrite import Circle, core_of, expression_of, modules_of
from alicorn.documents import AudienceKind
from alicorn.query import (
    All,
    And,
    Difference,
    Expr,
    Ids,
    Nn,
    Or,
    Term,
    parse,
    print_expression,
    walk,
)
from understanding.concepts.lexicon import Lexicon
from understanding.queries import Terms, understand


def _core(query: str) -> Expr:
    return core_of(understand(query, Terms(Lexicon.load())), lambda _: [])


def _circle(viewer: int, friends: tuple[int, ...] = (), blocked: tuple[int, ...] = ()) -> Circle:
    return Circle(viewer, np.array(friends, dtype=np.uint64), np.array(blocked, dtype=np.uint64))


def test_nobody_gets_public_photos_alone() -> None:
    """An anonymous viewer has no social side."""
    (public,) = modules_of(parse("tag:cat"), _circle(0))

    assert public.module == "public"
    assert print_expression(public.expression) == "(and tag:cat audience:public)"
    assert public.id_arrays == ()


@pytest.mark.parametrize(
    ("friends", "blocked"), [((), ()), ((2, 3), ()), ((), (4,)), ((2, 3), (3, 4))]
)
def test_somebody_gets_social_above_public(
    friends: tuple[int, ...], blocked: tuple[int, ...]
) -> None:
    """PS-35, PS-36, PS-38: two requests. Their form tells nothing of who blocked whom."""
    social, public = modules_of(parse("tag:cat"), _circle(5, friends, blocked))

    assert (social.module, public.module) == ("social", "public")
    assert print_expression(social.expression) == (
        "(difference (and tag:cat (or author:5 listed:5 (and (ids author: @0) "
        "(or audience:friends audience:public)))) (ids author: @1))"
    )
    assert print_expression(public.expression) == (
        "(difference (and tag:cat audience:public) author:5 (ids author: @0) (ids author: @1))"
    )
    for one in (social, public):
        assert [array.tolist() for array in one.id_arrays] == [list(friends), list(blocked)]
        assert one.expression == parse(print_expression(one.expression))


def _matches(expr: Expr, terms: set[tuple[str, str]], arrays: Any) -> bool:
    """Evaluate by sets: the slow oracle for the few operators that modules use."""
    match expr:
        case All():
            return True
        case Term(edge=edge, value=value):
            return (edge, value) in terms
        case Ids(edge=edge, array=array):
            return any((edge, str(i)) in terms for i in arrays[array].tolist())
        case And(operands=operands):
            return all(_matches(one, terms, arrays) for one in operands)
        case Or(operands=operands):
            return any(_matches(one, terms, arrays) for one in operands)
        case Difference(operands=(first, *rest)):
            return _matches(first, terms, arrays) and not any(
                _matches(one, terms, arrays) for one in rest
            )
    raise AssertionError(expr)


def test_no_photo_is_in_both_modules_and_none_that_may_be_seen_is_in_neither() -> None:
    """PS-36 and PS-38 over every kind of author and audience, against the rules of sight."""
    names = {AudienceKind.ONLY_ME: "only-me", AudienceKind.LIST: "list"}
    names |= {AudienceKind.FRIENDS: "friends", AudienceKind.PUBLIC: "public"}
    viewer, friends, blocked = 5, {2, 3}, {3, 4}
    modules = modules_of(All(), _circle(5, (2, 3), (3, 4)))
    for author, kind, is_listed in product((0, 2, 3, 4, 5, 6), AudienceKind, (False, True)):
        terms = {("audience", names[kind])} | ({("author", str(author))} if author else set())
        if kind is AudienceKind.LIST and is_listed:
            terms.add(("listed", str(viewer)))
        may_see = author == viewer or (
            author not in blocked
            and (
                kind is AudienceKind.PUBLIC
                or (kind is AudienceKind.FRIENDS and author in friends)
                or ("listed", str(viewer)) in terms
            )
        )

        found = [one for one in modules if _matches(one.expression, terms, one.id_arrays)]

        assert len(found) == int(may_see), (author, kind, is_listed)


def test_random_cores_are_kept_whole_under_the_modules() -> None:
    """Whatever was asked for stays a condition of both requests."""
    random_ = random.Random(3)
    terms = [Term("tag", c) for c in "abc"]
    for _ in range(50):
        core: Expr = random_.choice(
            [Or(tuple(terms)), And(tuple(terms)), Difference((terms[0], terms[1])), terms[2], All()]
        )
        carried = {("tag", c) for c in "abc" if random_.random() < 0.5}
        carried |= {("audience", "public"), ("author", random_.choice("256"))}
        modules = modules_of(core, _circle(5, (2,), ()))
        found = any(_matches(one.expression, carried, one.id_arrays) for one in modules)

        assert found == _matches(core, carried, ())


def test_a_description_is_known_as_one_in_both_modules() -> None:
    """Its cut-off is another one; conditions of sight make no difference."""
    described = modules_of(_core("brown dog catches red frisbee"), _circle(5, (2,), (3,)))
    required = modules_of(_core("brown dog"), _circle(5, (2,), (3,)))

    assert [one.described for one in described] == [True, True]
    assert [one.described for one in required] == [False, False]
    for one in described:
        assert one.expression == parse(print_expression(one.expression))


def test_the_nearest_are_looked_for_among_what_the_viewer_may_see() -> None:
    """PS-37: the k nearest of all photos would tell how many hidden ones are nearer."""
    code = "visual:" + "0f" * 32
    core = expression_of(f"(or tag:cat (and (nn {code} :k 5 :within tag:dog) (nn {code} :k 2)))")

    for viewer in (0, 7):
        for module in modules_of(core, _circle(viewer)):
            near = [n for n in walk(module.expression) if isinstance(n, Nn) and n.k is not None]
            assert [one.k for one in near] == [5, 2]
            for one in near:
                assert one.within is not None
                seen = print_expression(one.within)
                assert "audience:public" in seen
                assert ("(ids author: @1)" in seen) == bool(viewer)
                assert ("author:7" in seen) == bool(viewer)
