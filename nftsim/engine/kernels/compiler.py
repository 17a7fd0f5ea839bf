"""How kernels are compiled: one decorator for loops, one for the formulas in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

#: NaN stays NaN (no fastmath beyond fused multiply-add). ``error_model="numpy"``: numba's default
#: makes a branch of every possible division by zero, and no loop with a branch vectorises.
OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract"}}


def kernel(function: F) -> F:
    """Compile a kernel."""
    return _compile(function)


def formula(function: F) -> F:
    """Compile a formula that loops of kernels call: inlined always, or those do not vectorise."""
    return _compile(function, forceinline=True)


def _compile(function: F, **options: Any) -> F:
    compiled: F = numba.njit(nogil=True, **OPTIONS, **options)(function)
    return compiled
