"""The kernels that are called from outside, as C functions, and their machine code.

Each takes a table of 64-bit words: of an array its address and its shape, of a number the number;
what it returns stands behind them. See `nftsim.engine.native`, which calls them.
"""

from __future__ import annotations

import re
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype

from nftsim.engine.kernels import mersenne, program
from nftsim.engine.kernels.compiler import OPTIONS
from nftsim.engine.kernels.signatures import SIGNATURES, Argument, Signature

#: The functions of `SIGNATURES`.
FUNCTIONS: dict[str, Any] = {
    "advance": program.advance,
    "seed": mersenne.seed,
    "fill": mersenne.fill,
}
_WORD = ir.IntType(64)


def build() -> tuple[bytes, dict[str, str]]:  # pragma: no cover  not where the compiler is off
    """Compile all entries; some twenty seconds.

    Returns
    -------
    bytes, dict
        Object code for this CPU, and the symbol of each entry in it.
    """
    entries = {name: _entry(FUNCTIONS[name], s) for name, s in SIGNATURES.items()}
    target = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="small",  # constants next to the code: the large model takes an address for each
    )
    module = llvm.parse_assembly("")
    for entry in entries.values():
        module.link_in(llvm.parse_assembly(entry.inspect_llvm()))
    names = {name: entry.native_name for name, entry in entries.items()}
    return target.emit_object(llvm.parse_assembly(_alone(str(module)))), names


def _alone(code: str) -> str:  # pragma: no cover
    """Return LLVM code with numba's own functions, which a process without numba lacks, as traps.

    They are on paths that free memory and raise errors; no kernel does either.
    """
    found = re.sub(
        r"^declare ([^\n]*@(?:NRT_|numba_)\w+\([^\n]*\)[^\n{]*)$",
        r"define internal \1 {\n  call void @llvm.trap()\n  unreachable\n}",
        code,
        flags=re.MULTILINE,
    )
    return found if "@llvm.trap()" not in found else f"{found}\ndeclare void @llvm.trap()\n"


def _entry(function: Any, signature: Signature) -> Any:  # pragma: no cover
    unpack, count = _unpacker(signature), signature.results
    first = sum(1 + a.dimensions for a in signature.arguments)

    def call(table: Any) -> None:
        found = function(*unpack(table))
        for j in range(count):
            table[first + j] = found[j]

    def call_only(table: Any) -> None:
        function(*unpack(table))

    compiled = numba.cfunc("void(CPointer(int64))", **OPTIONS)
    return compiled(call if count else call_only)


def _unpacker(signature: Signature) -> Any:  # pragma: no cover
    """Return what makes the arguments of a table, in compiled code."""
    kinds = types.Tuple([_type(a) for a in signature.arguments])

    @intrinsic
    def unpack(typingctx: Any, table: Any) -> Any:
        def codegen(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            words = iter(range(sum(1 + a.dimensions for a in signature.arguments)))

            def word() -> Any:
                return builder.load(builder.gep(args[0], [_WORD(next(words))]))

            made = []
            for argument, kind in zip(signature.arguments, kinds.types, strict=True):
                if not argument.dimensions:
                    made.append(word())
                    continue
                address, shape = word(), [word() for _ in range(argument.dimensions)]
                size = _WORD(np.dtype(argument.dtype).itemsize)
                strides = [size]
                for length in shape[:0:-1]:
                    strides.insert(0, builder.mul(strides[0], length))
                array = make_array(kind)(context, builder)
                data = builder.inttoptr(address, array.data.type)
                populate_array(array, data, shape, strides, size, meminfo=None)
                made.append(array._getvalue())
            return context.make_tuple(builder, kinds, made)

        return kinds(types.CPointer(types.int64)), codegen

    return unpack


def _type(argument: Argument) -> Any:  # pragma: no cover
    kind = from_dtype(np.dtype(argument.dtype))
    return types.Array(kind, argument.dimensions, "C") if argument.dimensions else kind
