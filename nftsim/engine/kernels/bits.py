"""What numba lacks: the bits of a double as an integer and back, and a row without bookkeeping."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
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

else:

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
