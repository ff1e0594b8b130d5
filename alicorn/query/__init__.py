"""The query language: s-expressions over posting lists, from text to tree and back.

`parse` reads a text, `print_expression` writes the one canonical text of a tree, `check_edges`
holds it against a schema. What each operator means stands with its node in `tree.py`; where an
operator may stand, in `check.py`; how much may be asked, in `limits.py`. Nothing here runs a
query.

    expression = parse('(and tag:dog (or friend:5 friend:6 :weight 2))')
    print_expression(expression)
"""

from __future__ import annotations

from alicorn.query.asked import AskedLeaf, asked_phrases
from alicorn.query.check import check_edges, check_placement, check_whole
from alicorn.query.limits import MAX_DEPTH, MAX_IDS, MAX_OPERANDS, MAX_TEXT_BYTES, ONE
from alicorn.query.parser import parse
from alicorn.query.printer import print_expression
from alicorn.query.tree import (
    All,
    And,
    Apply,
    Difference,
    Expr,
    Extract,
    Ids,
    Leaf,
    Nn,
    Or,
    Prefix,
    Range,
    StrongOr,
    Term,
    WeakAnd,
    children,
    leaves,
    operator_name,
    walk,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_IDS",
    "MAX_OPERANDS",
    "MAX_TEXT_BYTES",
    "ONE",
    "All",
    "And",
    "Apply",
    "AskedLeaf",
    "Difference",
    "Expr",
    "Extract",
    "Ids",
    "Leaf",
    "Nn",
    "Or",
    "Prefix",
    "Range",
    "StrongOr",
    "Term",
    "WeakAnd",
    "asked_phrases",
    "check_edges",
    "check_placement",
    "check_whole",
    "children",
    "leaves",
    "operator_name",
    "parse",
    "print_expression",
    "walk",
]
