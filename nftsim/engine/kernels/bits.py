"""What numba lacks: bits of a double, rows without bookkeeping, numbers that may be arrays."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array, populate_array

_config: Any = numba.config  # its settings are made at run time

if _config.DISABLE_JIT:  # plain Python, so that coverage sees the kernels

    def to_bits(value: Any) -> Any:
        """Return the 64 bits of a double as an unsigned integer."""
        return np.float64(value).view(np.uint64)

    def from_bits(value: Any) -> Any:
        """Return the double whose 64 bits these are."""
        return np.uint64(value).view(np.float64)

    def row(fields: Any, index: int, start: int, stop: int) -> Any:
        """Return nodes `start` to `stop` of a row of `fields`, as a view."""
        return fields[index, start:stop]

    def lent(array: Any) -> Any:
        """Return the array."""
        return array

else:  # pragma: no cover  the compiler runs this, to make code of it

    @intrinsic
    def to_bits(typingctx: Any, value: Any) -> Any:
        """Return the 64 bits of a double as an unsigned integer."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], ir.IntType(64))

        return types.uint64(types.float64), codegen

    @intrinsic
    def from_bits(typingctx: Any, value: Any) -> Any:
        """Return the double whose 64 bits these are."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], ir.DoubleType())

        return types.float64(types.uint64), codegen

    @intrinsic
    def row(typingctx: Any, fields: Any, index: Any, start: Any, stop: Any) -> Any:
        """Return nodes `start` to `stop` of a row of `fields`, as a view.

        Unlike a slice it is not reference-counted (the caller keeps `fields` alive), which at a
        hundred views a step is what a step of a small grid costs.
        """
        view = types.Array(fields.dtype, 1, "C")

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            source = make_array(signature.args[0])(context, builder, args[0])
            _, index, start, stop = args
            stride = builder.extract_value(source.strides, 0)
            size = context.get_constant(types.intp, 8)
            offset = builder.add(builder.mul(index, stride), builder.mul(start, size))
            address = builder.add(builder.ptrtoint(source.data, offset.type), offset)
            result = make_array(view)(context, builder)
            populate_array(
                result,
                data=builder.inttoptr(address, source.data.type),
                shape=[builder.sub(stop, start)],
                strides=[size],
                itemsize=size,
                meminfo=None,
            )
            return result._getvalue()

        return view(fields, types.intp, types.intp, types.intp), codegen

    @intrinsic
    def lent(typingctx: Any, array: Any) -> Any:
        """Return the array without its reference count, which its owner keeps alive.

        Counting references at every call is most of what a step of a small grid would cost.
        """

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            source = make_array(array)(context, builder, args[0])
            result = make_array(array)(context, builder)
            populate_array(
                result,
                data=source.data,
                shape=source.shape,
                strides=source.strides,
                itemsize=source.itemsize,
                meminfo=None,
            )
            return result._getvalue()

        return array(array), codegen


def at(value: Any, i: int) -> Any:
    """Return a constant of a step at node `i`: a number for all nodes, or an array of one for each.

    Kernels are written once and compiled for either.
    """
    return value[i] if isinstance(value, np.ndarray) else value


@overload(at, inline="always", strict=False)  # annotations are not its business
def _at(value: Any, i: Any) -> Any:
    if isinstance(value, types.Array):
        return lambda value, i: value[i]
    return lambda value, i: value
