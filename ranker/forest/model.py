"""LightGBM's text model, checked and flattened into arrays.

The file is a header of ``key=value`` lines, then one block a tree, then ``end of trees``. Of a tree
these lines matter (a tree of L leaves has L - 1 splits):

    num_leaves=3
    split_feature=0 4                column of the row, one a split
    threshold=0.5 12.25              a value <= threshold goes left
    decision_type=10 2               bit 0 categorical, bit 1 missing goes left,
                                     bits 2-3 what is missing: 0 nothing, 1 zero, 2 NaN
    left_child=1 -1                  a split if >= 0, else leaf ~child
    right_child=-2 -3
    leaf_value=0.1 -0.2 0.05         shrinkage and first average already inside
    leaf_count=40 10 50

Trees of all blocks are laid end to end: child indexes become absolute, so a walk needs no offsets.
What the evaluator does not do (categorical splits, linear leaves, several classes, averaged random
forests) is refused here by name. Every child is checked to point forward and every leaf to be
reached once, so a damaged file can neither loop nor read outside.

References
----------
.. [1] LightGBM 4, ``src/io/tree.cpp`` (Tree::ToString, NumericalDecision).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import ConfigError, CorruptData, MissingModel
from ranker.features import FeatureSchema

__all__ = ["OBJECTIVES", "TreeArrays", "parse_model", "read_model"]

OBJECTIVES: Final = frozenset({"binary", "lambdarank", "rank_xendcg", "regression"})
"""Objectives whose raw score is one number a row, more being better."""

_CATEGORICAL: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class TreeArrays:
    """All trees of a model, end to end; S splits, L leaves, T trees, F features.

    Trusted: made by `parse_model` only, which checks every index.
    """

    features: int
    """F, columns of a row."""
    roots: NDArray[np.int32]
    """(T,): first split of each tree, or ``~leaf`` for a tree of one leaf."""
    split_feature: NDArray[np.int32]
    """(S,): column."""
    threshold: NDArray[np.float64]
    """(S,): values up to and including it go left."""
    decision: NDArray[np.uint8]
    """(S,): bits 0-1 what is missing (0 nothing, 1 zero, 2 NaN), bit 2 missing goes left."""
    left: NDArray[np.int32]
    """(S,): split, or ``~leaf``; both absolute."""
    right: NDArray[np.int32]
    """(S,): likewise."""
    first_leaf: NDArray[np.int64]
    """(T + 1,): where each tree's leaves begin; the last is L."""
    leaf_value: NDArray[np.float64]
    """(L,): finite."""
    split_value: NDArray[np.float64]
    """(S,): mean of the leaves below, weighted by the training rows that fell into them."""


def read_model(path: Path, schema: FeatureSchema) -> TreeArrays:
    """Read and check the model file at ``path``; see `parse_model`.

    Raises
    ------
    MissingModel
        If there is no such file.
    ConfigError, CorruptData
        As `parse_model`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingModel(
            f"no {schema.name} model at {path}; make it with "
            f"`alicorn train {schema.name.replace('_', '-')}`"
        ) from None
    except UnicodeDecodeError as error:
        raise CorruptData(f"{path}: not text at byte {error.start}") from None
    return parse_model(text, schema, source=str(path))


def parse_model(text: str, schema: FeatureSchema, *, source: str = "model") -> TreeArrays:
    """Flatten LightGBM's text model.

    Parameters
    ----------
    text : str
        The whole file.
    schema : FeatureSchema
        What the rows will hold; must have the model's feature names in the same order.
    source : str
        Name of the file, for messages.

    Raises
    ------
    ConfigError
        If the model has other features than the schema, or is of a kind that is not served.
    CorruptData
        If the file is cut or its numbers do not form trees.
    """
    if "\nend of trees" not in text:
        raise CorruptData(f"{source}: no 'end of trees', the file is cut")
    blocks = text.partition("\nend of trees")[0].split("\nTree=")
    _check_header(blocks[0], schema, source)
    trees = [
        _parse_tree(_lines(block), len(schema), f"{source}: tree {number}")
        for number, block in enumerate(blocks[1:])
    ]
    if not trees:
        raise CorruptData(f"{source}: no tree")
    return _join(trees, len(schema))


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """One tree with its own numbering; fields as in `TreeArrays`."""

    split_feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    decision: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    leaf_value: NDArray[np.float64]
    split_value: NDArray[np.float64]


def _lines(block: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in block.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs if key}


def _check_header(block: str, schema: FeatureSchema, source: str) -> None:
    header = _lines(block)
    names = tuple(header.get("feature_names", "").split())
    if names != schema.names:
        raise ConfigError(
            f"{source} was trained on the features {' '.join(names) or 'of no name'}, "
            f"{schema.name} has {' '.join(schema.names)}; train it again"
        )
    objective = header.get("objective", "none").split(" ")[0]
    if objective not in OBJECTIVES:
        served = ", ".join(sorted(OBJECTIVES))
        raise ConfigError(f"{source}: objective {objective} is not served, only {served}")
    if header.get("num_tree_per_iteration", "1") != "1":
        raise ConfigError(f"{source}: models of several classes are not served")
    if "average_output" in header:
        raise ConfigError(f"{source}: averaged random forests are not served")


def _numbers(lines: Mapping[str, str], key: str, count: int, where: str) -> NDArray[np.float64]:
    words = lines.get(key, "").split()
    if len(words) != count:
        raise CorruptData(f"{where}: {key} needs {count} numbers, has {len(words)}")
    try:
        values = np.array([float(word) for word in words], dtype=np.float64)
    except ValueError:
        raise CorruptData(f"{where}: {key} holds something that is not a number") from None
    if np.isnan(values).any():
        raise CorruptData(f"{where}: {key} holds NaN")
    return values


def _integers(lines: Mapping[str, str], key: str, count: int, where: str) -> NDArray[np.int64]:
    values = _numbers(lines, key, count, where)
    if not np.array_equal(values, np.trunc(values)) or (np.abs(values) > 2**31 - 1).any():
        raise CorruptData(f"{where}: {key} must hold integers")
    return values.astype(np.int64)


def _parse_tree(lines: Mapping[str, str], features: int, where: str) -> _Tree:
    leaves = int(_integers(lines, "num_leaves", 1, where)[0])
    if leaves < 1:
        raise CorruptData(f"{where}: num_leaves must be positive, got {leaves}")
    if lines.get("is_linear", "0") != "0":
        raise ConfigError(f"{where}: linear leaves are not served")
    splits = leaves - 1
    types = _integers(lines, "decision_type", splits, where)
    split_feature = _integers(lines, "split_feature", splits, where)
    if ((split_feature < 0) | (split_feature >= features)).any():
        raise CorruptData(f"{where}: split_feature must be in 0..{features - 1}")
    if (types & _CATEGORICAL).any() or lines.get("num_cat", "0") != "0":
        column = int(split_feature[np.flatnonzero(types & _CATEGORICAL)[0]]) if splits else 0
        raise ConfigError(f"{where}: categorical split on column {column} is not served")
    missing = (types >> 2) & 3
    if (missing == 3).any() or (types < 0).any() or (types > 15).any():
        raise CorruptData(f"{where}: decision_type must be in 0..11")
    left = _integers(lines, "left_child", splits, where)
    right = _integers(lines, "right_child", splits, where)
    _check_children(left, right, leaves, where)
    value = _numbers(lines, "leaf_value", leaves, where)
    if np.isinf(value).any():
        raise CorruptData(f"{where}: leaf_value must be finite")
    # A model of one leaf carries no counts.
    count = _numbers(lines, "leaf_count", leaves, where) if splits else np.ones(1)
    return _Tree(
        split_feature=split_feature,
        threshold=_numbers(lines, "threshold", splits, where),
        decision=missing | ((types & 2) << 1),
        left=left,
        right=right,
        leaf_value=value,
        split_value=_means_below(left, right, value, count),
    )


def _check_children(
    left: NDArray[np.int64], right: NDArray[np.int64], leaves: int, where: str
) -> None:
    """Children point forward and each split and leaf has one parent: then it is one tree."""
    splits = leaves - 1
    parents = np.arange(splits)
    children = np.concatenate((left, right))
    inner = children >= 0
    if (children[inner] <= np.concatenate((parents, parents))[inner]).any():
        raise CorruptData(f"{where}: a child does not come after its parent")
    found_splits, found_leaves = np.sort(children[inner]), np.sort(~children[~inner])
    if splits and not (
        np.array_equal(found_splits, np.arange(1, splits))
        and np.array_equal(found_leaves, np.arange(leaves))
    ):
        raise CorruptData(f"{where}: left_child and right_child do not form one tree")


def _means_below(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    leaf_value: NDArray[np.float64],
    leaf_count: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Mean leaf value under each split, weighted by training rows; children come after parents."""
    splits = left.size
    value = np.zeros(splits)
    count = np.zeros(splits)
    for split in range(splits - 1, -1, -1):
        of = [
            (leaf_value[~child], leaf_count[~child]) if child < 0 else (value[child], count[child])
            for child in (int(left[split]), int(right[split]))
        ]
        count[split] = of[0][1] + of[1][1]
        total = of[0][0] * of[0][1] + of[1][0] * of[1][1]
        value[split] = total / count[split] if count[split] > 0 else (of[0][0] + of[1][0]) / 2
    return value


def _absolute(children: NDArray[np.int64], first_split: int, first_leaf: int) -> NDArray[np.int64]:
    return np.where(children >= 0, children + first_split, ~(~children + first_leaf))


def _starts(sizes: Iterator[int]) -> list[int]:
    starts = [0]
    for size in sizes:
        starts.append(starts[-1] + size)
    return starts


def _join(trees: Sequence[_Tree], features: int) -> TreeArrays:
    splits = _starts(tree.left.size for tree in trees)
    leaves = _starts(tree.leaf_value.size for tree in trees)
    assert splits[-1] + len(trees) == leaves[-1]
    roots = [splits[i] if tree.left.size else ~leaves[i] for i, tree in enumerate(trees)]
    return TreeArrays(
        features=features,
        roots=np.array(roots, dtype=np.int32),
        split_feature=np.concatenate([t.split_feature for t in trees]).astype(np.int32),
        threshold=np.concatenate([t.threshold for t in trees]),
        decision=np.concatenate([t.decision for t in trees]).astype(np.uint8),
        left=np.concatenate(
            [_absolute(t.left, splits[i], leaves[i]) for i, t in enumerate(trees)]
        ).astype(np.int32),
        right=np.concatenate(
            [_absolute(t.right, splits[i], leaves[i]) for i, t in enumerate(trees)]
        ).astype(np.int32),
        first_leaf=np.array(leaves, dtype=np.int64),
        leaf_value=np.concatenate([t.leaf_value for t in trees]),
        split_value=np.concatenate([t.split_value for t in trees]),
    )
