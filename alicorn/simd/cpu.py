"""Which vector instructions kernels may use: asked of the CPU that Numba compiles for.

That is the machine's own, unless NUMBA_CPU_NAME names another. Compiled kernels are cached with the
CPU's name, so a folder that moves to another machine is compiled again there.
"""

from __future__ import annotations

from typing import Final

import llvmlite.binding as llvm
from numba.core import config

__all__ = ["AVX512", "BMI2", "LEVEL"]

_NEEDED: Final = ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")

_NAMED: Final = frozenset(
    {
        *("x86-64-v4", "skylake-avx512", "cascadelake", "cooperlake", "icelake-client"),
        *("icelake-server", "rocketlake", "tigerlake", "sapphirerapids", "emeraldrapids"),
        *("graniterapids", "znver4", "znver5"),
    }
)
"""CPUs by LLVM's name that have all of `_NEEDED`."""


def _has(needed: tuple[str, ...], named: frozenset[str]) -> bool:
    name: str | None = getattr(config, "CPU_NAME", None)
    if name:
        return name in named
    features = llvm.get_host_cpu_features()
    return all(features.get(feature, False) for feature in needed)


BMI2: Final[bool] = _has(("bmi2",), _NAMED | {"x86-64-v3", "haswell", "skylake", "znver3"})
"""Whether the kernels may use BMI2's extract (pext)."""

AVX512: Final[bool] = _has(_NEEDED, _NAMED)
"""Whether the kernels may use AVX-512 F, BW, CD, DQ and VL."""

LEVEL: Final[str] = "avx512" if AVX512 else "plain"
"""For reports."""
