"""From text to tree: a recursive-descent parser that knows its column.

One function for each form of operand; `_FORMS` maps an operator's name to the one that reads
what stands between the name and the attributes. Recursion is bounded by `MAX_DEPTH`, which is
checked before each descent, and each token is read once, so a text of n characters costs
O(n).

The bracket form of Facebook's 2013 post is resolved here and nowhere else: `E[p]`, the share p
of the hits that must contain E, is `:optional-weight 1-p` below `weak-and` and
`:optional-weight p` below `strong-or`.

References
----------
Sankar, "Under the Hood: Indexing and ranking in Graph Search", Facebook Engineering, 2013.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

from alicorn.errors import BadRequest, MalformedQuery
from alicorn.query.attributes import ATTRIBUTES, NAME, Attribute, AttributeKind
from alicorn.query.check import find_misplaced, marks_below, near_misses
from alicorn.query.cursor import Cursor
from alicorn.query.limits import (
    CODE_BITS,
    INT64_MAX,
    INT64_MIN,
    MAX_ARRAYS,
    MAX_DEPTH,
    MAX_OPERANDS,
    ONE,
)
from alicorn.query.tokens import Token, TokenKind
from alicorn.query.tree import (
    CODE_SPACES,
    All,
    And,
    Apply,
    Combination,
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
)

__all__ = ["parse"]

# Twenty digits hold every number of the language; int() of thousands would take quadratic time.
_DECIMAL: Final = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,4}))?")
_WHOLE: Final = re.compile(r"[0-9]{1,20}")
_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
_CODE: Final = re.compile(f"({'|'.join(CODE_SPACES)}):([0-9a-fA-F]{{{CODE_BITS // 4}}})")
_LINK: Final = re.compile(f"({NAME.pattern}):")
_ARRAY: Final = re.compile(r"@([0-9]{1,20})")

# Pairs of which an operand carries at most one.
_EXCLUSIVE: Final = {
    "radius": "k",
    "k": "radius",
    "optional-hits": "optional-weight",
    "optional-weight": "optional-hits",
}

_Value: TypeAlias = int | str | Expr
_Make: TypeAlias = Callable[..., Expr]
"""Makes the node once its attributes are known."""


def parse(text: str) -> Expr:
    """Read one expression.

    Parameters
    ----------
    text : str
        At most 1 MiB in UTF-8; white space around it does not matter.

    Returns
    -------
    Expr
        Placed rightly (`check_placement` has run); its edge types are not yet checked.

    Raises
    ------
    MalformedQuery
        With the column and what was expected there; also for what is too deep, too long or
        has too many operands, and for operands that stand where they may not.

    Examples
    --------
    >>> parse('(and tag:dog "text:on a beach")').operands[1].value
    'on a beach'
    """
    return _Parser(text).whole()


class _Parser:
    """The state of one parse: the place in the text, the operands counted, where nodes began."""

    def __init__(self, text: str) -> None:
        self._cursor = Cursor(text)
        self._operands = -1  # the root is not one
        self._columns: dict[int, int] = {}  # id of a node of this parse -> its column

    def whole(self) -> Expr:
        """Read the expression that is the whole text."""
        expr = self._expression(above="", depth=1)
        if not self._cursor.at(TokenKind.END):
            self._cursor.fail("the end of the text")
        misplaced = find_misplaced(expr)
        if misplaced is not None:
            raise MalformedQuery(
                misplaced.reason,
                column=self._columns[id(misplaced.operand)],
                expected=misplaced.expected,
            )
        return expr

    # Expressions

    def _expression(self, *, above: str, depth: int) -> Expr:
        """Read an operand below the operator named ``above`` (empty at the root)."""
        first = self._cursor.next
        self._count(first, depth)
        if first.kind is TokenKind.OPEN:
            expr = self._bracketed(above, depth)
        elif first.kind in {TokenKind.WORD, TokenKind.QUOTED} and not first.is_attribute:
            expr = self._term()()
            if self._cursor.at(TokenKind.SHARE_OPEN):
                self._cursor.fail(
                    "a share behind a bracketed operand only, as in (term tag:dog)[0.5]"
                )
        else:
            self._cursor.fail("an expression")
        self._columns[id(expr)] = first.column
        return expr

    def _count(self, first: Token, depth: int) -> None:
        """Hold the limits before anything of the operand is read."""
        self._operands += 1
        if self._operands > MAX_OPERANDS:
            self._cursor.fail(f"at most {MAX_OPERANDS} operands", first)
        if depth > MAX_DEPTH:
            self._cursor.fail(f"at most {MAX_DEPTH} levels", first)

    def _bracketed(self, above: str, depth: int) -> Expr:
        self._cursor.take()
        word = self._cursor.next
        if word.kind is not TokenKind.WORD or word.starred or word.text not in _FORMS:
            near = near_misses(word.text, _FORMS) if word.kind is TokenKind.WORD else ""
            self._cursor.fail(f"an operator{f', perhaps {near}' if near else ''}")
        self._cursor.take()
        operator = word.text
        make = _FORMS[operator](self, depth)
        values = self._attributes(operator, above, depth)
        close = self._cursor.next
        if close.kind is not TokenKind.CLOSE:
            self._cursor.fail("an attribute or ')'")
        self._cursor.take()
        if self._cursor.at(TokenKind.SHARE_OPEN):
            self._share(above, values)
        fields: dict[str, Any] = {ATTRIBUTES[name].field: value for name, value in values.items()}
        try:
            return make(weighted="weight" in values, **fields)
        except BadRequest as error:  # what only the whole operand shows: nn without :k or :radius
            raise MalformedQuery(str(error), column=close.column, expected=str(error)) from None

    # What stands between an operator and its attributes, one method for each form

    def _term(self) -> _Make:
        """Read `edge:value`, bare or quoted; a bare one that ends in a star is a prefix."""
        token = self._cursor.next
        edge, value = self._edge_and_value()
        if token.starred:
            return partial(Prefix, edge, value)
        if not value:
            self._cursor.fail("a value after ':'", token, column=_column_in(token, len(edge) + 1))
        return partial(Term, edge, value)

    def _prefix(self) -> _Make:
        if self._cursor.next.starred:
            self._cursor.fail("the beginning of a value without '*'")
        return partial(Prefix, *self._edge_and_value())

    def _edge_and_value(self) -> tuple[str, str]:
        token = self._cursor.next
        if token.kind not in {TokenKind.WORD, TokenKind.QUOTED} or token.is_attribute:
            self._cursor.fail("a term, edge:value")
        edge, colon, value = token.text.partition(":")
        good = NAME.match(edge)
        length = good.end() if good else 0
        if length < len(edge) or not edge:
            self._cursor.fail(
                "an edge type: a letter, then letters, digits and hyphens, in lower case",
                token,
                column=_column_in(token, length),
            )
        if not colon:
            self._cursor.fail("':' and a value", token, column=_column_in(token, len(edge)))
        self._cursor.take()
        return edge, value

    def _operands_of(self, make: type[Combination], least: int, depth: int) -> _Make:
        operands: list[Expr] = []
        while not self._cursor.at(TokenKind.CLOSE) and not self._cursor.next.is_attribute:
            if self._cursor.at(TokenKind.END, TokenKind.SHARE_OPEN, TokenKind.SHARE_CLOSE):
                self._cursor.fail("an operand, an attribute or ')'")
            operands.append(self._expression(above=make.operator, depth=depth + 1))
        if len(operands) < least:
            self._cursor.fail("an operand" if not operands else "another operand")
        return partial(make, tuple(operands))

    def _applied(self, make: type[Apply | Extract], depth: int) -> _Make:
        """Read `P: E`, of `apply` and `extract`."""
        name = self._link()
        return partial(make, name, self._expression(above=make.operator, depth=depth + 1))

    def _link(self) -> str:
        return self._cursor.match(_LINK, "a name and ':'")[1]

    def _nn(self) -> _Make:
        found = self._cursor.match(
            _CODE, f"visual: or joint: and {CODE_BITS // 4} hexadecimal digits"
        )
        return partial(Nn, found[1], bytes.fromhex(found[2]))

    def _range(self) -> _Make:
        field = self._cursor.match(NAME, "a field's name")[0]
        return partial(Range, field, self._bound(), self._bound())

    def _bound(self) -> int | None:
        if self._cursor.at(TokenKind.STAR):
            self._cursor.take()
            return None
        token = self._cursor.next
        needed = "a whole number of 64 bits or '*'"
        bound = int(self._cursor.match(_INTEGER, needed)[0])
        if not INT64_MIN <= bound <= INT64_MAX:
            self._cursor.fail(needed, token)
        return bound

    def _ids(self) -> _Make:
        edge = self._link()
        token = self._cursor.next
        needed = f"'@' and the number of an array, 0 to {MAX_ARRAYS - 1}"
        array = int(self._cursor.match(_ARRAY, needed)[1])
        if array >= MAX_ARRAYS:
            self._cursor.fail(needed, token)
        return partial(Ids, edge, array)

    # Attributes and shares

    def _attributes(self, operator: str, above: str, depth: int) -> dict[str, _Value]:
        """Read the attributes of one operand, by name; any order, each once."""
        values: dict[str, _Value] = {}
        while self._cursor.next.is_attribute:
            attribute = self._attribute(operator, above, values)
            values[attribute.name] = self._value(attribute, operator, depth)
        return values

    def _attribute(self, operator: str, above: str, present: dict[str, _Value]) -> Attribute:
        """Read the name of an attribute that may stand here."""
        name = self._cursor.next.text[1:]
        attribute = ATTRIBUTES.get(name)
        if attribute is None or self._cursor.next.starred:
            near = near_misses(name, ATTRIBUTES)
            self._cursor.fail(f"an attribute, perhaps {near}" if near else "an attribute or ')'")
        if name in present:
            self._cursor.fail(f":{name} only once")
        other = _EXCLUSIVE.get(name)
        if other in present:
            self._cursor.fail(f"only one of :{other} and :{name}")
        if not attribute.carried_by(operator):
            self._cursor.fail(f"an attribute of {operator}")
        if name in _MARKS and name not in marks_below(above):
            parents = " or ".join(p for p in ("weak-and", "strong-or") if name in marks_below(p))
            self._cursor.fail(f":{name} only on an operand directly below {parents}")
        self._cursor.take()
        return attribute

    def _value(self, attribute: Attribute, operator: str, depth: int) -> _Value:
        if attribute.kind is AttributeKind.EXPRESSION:
            return self._expression(above=operator, depth=depth + 1)
        if attribute.kind is AttributeKind.NAME:
            return self._cursor.match(NAME, attribute.needs)[0]
        if attribute.kind is AttributeKind.NUMBER:
            return self._number(attribute)
        token = self._cursor.next
        count = int(self._cursor.match(_WHOLE, attribute.needs)[0])
        if not attribute.low <= count <= attribute.high:
            self._cursor.fail(attribute.needs, token)
        return count

    def _number(self, attribute: Attribute) -> int:
        """Read a decimal within the attribute's bounds, in 1/10,000."""
        token = self._cursor.next
        found = self._cursor.match(_DECIMAL, attribute.needs)
        number = int(found[1]) * ONE + int((found[2] or "").ljust(4, "0"))
        if not attribute.low <= number <= attribute.high:
            self._cursor.fail(attribute.needs, token)
        return number

    def _share(self, above: str, values: dict[str, _Value]) -> None:
        """Read `[p]` and write it to ``values`` as the `:optional-weight` that it means."""
        if not marks_below(above):
            self._cursor.fail("a share only on an operand directly below weak-and or strong-or")
        if _MARKS & values.keys():
            self._cursor.fail("only one of a share, :optional-hits and :optional-weight")
        self._cursor.take()
        share = self._number(ATTRIBUTES["optional-weight"])
        if not self._cursor.at(TokenKind.SHARE_CLOSE):
            self._cursor.fail("']'")
        self._cursor.take()
        # In weak-and the mark is the part that may miss, in strong-or the part that is kept.
        values["optional-weight"] = ONE - share if above == "weak-and" else share


def _column_in(token: Token, offset: int) -> int:
    """Return the column of character ``offset`` of a term's edge type, which has no escapes."""
    return token.column + offset + (token.kind is TokenKind.QUOTED)


_MARKS: Final = marks_below("weak-and") | marks_below("strong-or")

_Form: TypeAlias = Callable[[_Parser, int], _Make]

_FORMS: Final[dict[str, _Form]] = {
    "term": lambda parser, _: parser._term(),
    "prefix": lambda parser, _: parser._prefix(),
    "and": lambda parser, depth: parser._operands_of(And, 1, depth),
    "or": lambda parser, depth: parser._operands_of(Or, 1, depth),
    "difference": lambda parser, depth: parser._operands_of(Difference, 2, depth),
    "weak-and": lambda parser, depth: parser._operands_of(WeakAnd, 1, depth),
    "strong-or": lambda parser, depth: parser._operands_of(StrongOr, 1, depth),
    "apply": lambda parser, depth: parser._applied(Apply, depth),
    "extract": lambda parser, depth: parser._applied(Extract, depth),
    "nn": lambda parser, _: parser._nn(),
    "range": lambda parser, _: parser._range(),
    "ids": lambda parser, _: parser._ids(),
    "all": lambda _parser, _: All,
}
