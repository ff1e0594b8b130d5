"""The canonical printing of a query: every tree has exactly one.

One space between items, attributes in the order of `ATTRIBUTES`, the shortest number, a bare
term where it needs no quotes and carries no attribute, a share printed as its attribute:

    (weak-and tag:dog (term friend:5)[0.7])  ->
    (weak-and tag:dog (term friend:5 :optional-weight 0.3))

`parse(print_expression(q)) == q` for every tree that `parse` can give. Logs, caches and the
wire use this form, so equal queries have equal texts.
"""

from __future__ import annotations

from alicorn.query.attributes import ATTRIBUTES, Attribute, AttributeKind
from alicorn.query.limits import ONE
from alicorn.query.tokens import BARE
from alicorn.query.tree import (
    All,
    Apply,
    Expr,
    Extract,
    Ids,
    Nn,
    Prefix,
    Range,
    Term,
    children,
    operator_name,
)

__all__ = ["print_expression"]


def print_expression(expr: Expr) -> str:
    """Return the one text of ``expr``.

    O(length of the text), with its own stack: a tree of any depth can be printed, also one
    that `check_placement` refuses, so that errors can show it.

    >>> print_expression(Term("tag", "beach ball", weight=2 * ONE))
    '(term "tag:beach ball" :weight 2)'
    """
    text: list[str] = []
    pending: list[str | Expr] = [expr]
    while pending:
        piece = pending.pop()
        if isinstance(piece, str):
            text.append(piece)
        else:
            pending.extend(reversed(_pieces(piece)))
    return "".join(text)


def _pieces(expr: Expr) -> list[str | Expr]:
    """Cut ``expr`` into text and the expressions inside it, in the order of the text."""
    attributes = _attributes(expr)
    if not attributes:
        match expr:
            case Term(edge, value):
                return [_term(edge, value)]
            case Prefix(edge, value) if _is_bare(value):
                return [f"{edge}:{value}*"]
            case All():
                return ["(all)"]
    pieces: list[str | Expr] = ["(", operator_name(expr)]
    match expr:
        case Term(edge, value) | Prefix(edge, value):
            pieces += [" ", _term(edge, value)]
        case Apply(edge, inner) | Extract(edge, inner):
            pieces += [f" {edge}: ", inner]
        case Nn(space, code):
            pieces.append(f" {space}:{code.hex()}")
        case Range(field, low, high):
            pieces.append(f" {field} {_bound(low)} {_bound(high)}")
        case Ids(edge, array):
            pieces.append(f" {edge}: @{array}")
        case All():
            pass
        case _:
            for operand in children(expr):
                pieces += [" ", operand]
    return [*pieces, *attributes, ")"]


def _attributes(expr: Expr) -> list[str | Expr]:
    """Print the attributes that ``expr`` carries, in canonical order."""
    pieces: list[str | Expr] = []
    for attribute in ATTRIBUTES.values():
        if attribute.carried_by(operator_name(expr)):
            value = getattr(expr, attribute.field)
            if attribute.name == "weight" and not expr.weighted:
                continue  # the default, and not written: it scores otherwise than a written 1
            if value is not None:
                pieces += [f" :{attribute.name} ", _value(attribute, value)]
    return pieces


def _value(attribute: Attribute, value: int | str | Expr) -> str | Expr:
    if isinstance(value, int):
        return _number(value) if attribute.kind is AttributeKind.NUMBER else str(value)
    return value


def _number(ten_thousandths: int) -> str:
    """Print the shortest decimal: 20_000 is `2`, 2_500 is `0.25`."""
    whole, fraction = divmod(ten_thousandths, ONE)
    return f"{whole}.{fraction:04d}".rstrip("0") if fraction else str(whole)


def _term(edge: str, value: str) -> str:
    if _is_bare(value):
        return f"{edge}:{value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{edge}:{escaped}"'


def _is_bare(value: str) -> bool:
    """Whether ``value`` needs no quotes; the empty one, of a prefix, needs none."""
    return not value or BARE.fullmatch(value) is not None


def _bound(bound: int | None) -> str:
    return "*" if bound is None else str(bound)
