"""Compiled kernels live no longer than their sources."""

from __future__ import annotations

import pytest

from alicorn.command.kernels import forget_stale_kernels


@pytest.fixture
def tree(tmp_path):
    for name in ("alicorn/simd/words.py", "indexserver/postings/_kernels.py"):
        source = tmp_path / name
        source.parent.mkdir(parents=True)
        source.write_text("a = 1\n")
        compiled = source.parent / "__pycache__"
        compiled.mkdir()
        (compiled / "words.f-1.py311.nbi").write_bytes(b"compiled")
        (compiled / "words.cpython-311.pyc").write_bytes(b"python's own")
    return tmp_path


def compiled_in(tree):
    return sorted(path.name for path in tree.rglob("*.nbi"))


def test_a_change_anywhere_removes_every_compiled_kernel(tree):
    """A kernel holds what it calls from other files; Numba looks at its own file alone."""
    forget_stale_kernels(tree)
    (tree / "indexserver/postings/__pycache__/x.nbi").write_bytes(b"compiled")
    (tree / "indexserver/postings/__pycache__/x.nbc").write_bytes(b"compiled")

    assert not forget_stale_kernels(tree)
    assert compiled_in(tree) == ["x.nbi"]

    (tree / "alicorn/simd/words.py").write_text("a = 2\n")

    assert forget_stale_kernels(tree)
    assert compiled_in(tree) == []
    assert not list(tree.rglob("*.nbc"))
    assert len(list(tree.rglob("*.pyc"))) == 2


def test_kernels_of_nobody_knows_when_are_removed(tree):
    """Before the first look nobody knows what they were compiled from."""
    assert forget_stale_kernels(tree)
    assert compiled_in(tree) == []
