"""The bits of a double as an integer and back: what vectorised exp, log and noise are built on."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def to_bits(typingctx: Any, value: Any) -> Any:  # noqa: ARG001
    """Return the 64 bits of a double as an unsigned integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.uint64(types.float64), codegen


@intrinsic
def from_bits(typingctx: Any, value: Any) -> Any:  # noqa: ARG001
    """Return the double whose 64 bits these are."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), codegen
