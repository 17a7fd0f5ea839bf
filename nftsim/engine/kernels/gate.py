"""Where the threads of a run wait for each other: once a step.

The gate is an int64 array: how often any thread has arrived, and, for even and odd steps, how many
nodes were found that are not finite.
"""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from nftsim.engine.kernels.compiler import kernel

#: How often a thread looks before it lets others run.
_PATIENCE = 2000

_config: Any = numba.config  # its settings are made at run time

if _config.DISABLE_JIT:  # plain Python, in which runs have one thread

    def add(gate: Any, index: int, value: int) -> None:
        """Add to a number of the gate."""
        gate[index] += value

    def look(gate: Any, index: int) -> int:
        """Return a number of the gate."""
        return int(gate[index])

    def _nothing() -> None:
        """Do nothing: there is no other thread."""

    give_way: Any = _nothing

else:  # pragma: no cover  the compiler runs this, to make code of it

    def _address(context: Any, builder: Any, array: Any, args: Any) -> Any:
        data = make_array(array)(context, builder, args[0]).data
        return builder.gep(data, [args[1]])

    @intrinsic
    def add(typingctx: Any, gate: Any, index: Any, value: Any) -> Any:
        """Add to a number of the gate, and make all that was written before visible."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            address = _address(context, builder, gate, args)
            builder.atomic_rmw("add", address, args[2], "seq_cst")
            return context.get_dummy_value()

        return types.none(gate, types.int64, types.int64), codegen

    @intrinsic
    def look(typingctx: Any, gate: Any, index: Any) -> Any:
        """Return a number of the gate, and see all that was written before it."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            address = _address(context, builder, gate, args)
            return builder.load_atomic(address, "acquire", 8, typ=ir.IntType(64))

        return types.int64(gate, types.int64), codegen

    give_way = types.ExternalFunction("sched_yield", types.int32())


@kernel
def wait(gate, arrivals):
    """Arrive at the gate, and wait until threads have arrived so often in all."""
    add(gate, 0, 1)
    looks = 0
    while look(gate, 0) < arrivals:
        looks += 1
        if looks > _PATIENCE:
            give_way()
