"""The compiled kernels, as functions of Python: machine code that is made once and kept.

Numba compiles the kernels (`nftsim.engine.kernels.entries`) into one file of object code, which
every later process loads without importing numba: that takes some hundredths of a second rather
than most of one. The file's name holds a digest of all kernel sources, the versions of numba and
LLVM, and the CPU, so that it is never stale; it is written whole or not at all, and its own digest
is checked before a byte of it is run.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.engine.cache import cache_folder
from nftsim.engine.kernels.signatures import SIGNATURES, Signature

log = logging.getLogger(__name__)

_KERNELS = Path(__file__).parent / "kernels"


def advance(*arguments: Any) -> tuple[int, int, int]:
    """Call `nftsim.engine.kernels.program.advance`."""
    made, written, bad = _function("advance")(*arguments)
    return made, written, bad


def seed(state: NDArray[np.uint64], value: int) -> None:
    """Call `nftsim.engine.kernels.mersenne.seed`."""
    _function("seed")(state, value)


def fill(state: NDArray[np.uint64], active: NDArray[np.bool_], table: NDArray[np.float64]) -> None:
    """Call `nftsim.engine.kernels.mersenne.fill`."""
    _function("fill")(state, active, table)


def interpreted() -> bool:
    """Tell whether the kernels are run as plain Python, because numba is switched off."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def warm() -> None:
    """Compile the kernels into the cache, unless they are there."""
    if not interpreted():
        _addresses()


def compiled() -> bool:
    """Tell whether the kernels are in the cache; if not, the first run compiles them."""
    return cache_file().is_file()


@cache
def cache_file() -> Path:
    """Return the file of compiled kernels for these sources, this compiler and this CPU."""
    import llvmlite.binding as llvm

    digest = hashlib.sha256()
    for path in sorted(_KERNELS.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    versions = [metadata.version(name) for name in ("numba", "llvmlite", "numpy")]
    features = llvm.get_host_cpu_features().flatten()
    digest.update(" ".join([*versions, llvm.get_host_cpu_name(), features]).encode())
    return cache_folder() / digest.hexdigest()[:20]


@cache
def _function(name: str) -> Callable[..., tuple[int, ...]]:
    """Return an entry of the kernels as a function."""
    if interpreted():
        from nftsim.engine.kernels.entries import FUNCTIONS

        return FUNCTIONS[name]
    signature = SIGNATURES[name]
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(_addresses()[name])

    def function(*arguments: Any) -> tuple[int, ...]:
        table, first = _table(signature, arguments)
        call(table.ctypes.data)
        return tuple(table[first:].tolist())

    return function


def _table(signature: Signature, arguments: tuple[Any, ...]) -> tuple[NDArray[np.int64], int]:
    """Return the words that an entry reads, with room for results, and where these begin."""
    words: list[int] = []
    for declared, given in zip(signature.arguments, arguments, strict=True):
        if not declared.dimensions:
            # an unsigned number is handed on by its bits
            value = int(given)
            words.append(value - 2**64 if value >= 2**63 else value)
            continue
        kind = np.dtype(declared.dtype)
        if given.dtype != kind or given.ndim != declared.dimensions or not given.flags.c_contiguous:
            raise TypeError(
                f"{declared.name} is {given.dtype} of shape {given.shape}; the kernel wants {kind} "
                f"of {declared.dimensions} dimensions, in C order"
            )
        words += [given.ctypes.data, *given.shape]
    return np.array([*words, *[0] * signature.results], dtype=np.int64), len(words)


@cache
def _addresses() -> dict[str, int]:
    """Load the machine code, and return where each entry begins."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    code, symbols = _code()
    target = llvm.Target.from_default_triple().create_target_machine(reloc="pic", codemodel="small")
    # llvmlite's memory manager keeps code and constants together, as small code wants
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target, use_lmm=True)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _KEPT.append(engine)
    return {name: engine.get_function_address(symbol) for name, symbol in symbols.items()}


#: The engine owns the memory in which the code stands.
_KEPT: list[Any] = []


def _code() -> tuple[bytes, dict[str, str]]:
    """Return object code and the symbols of its entries, from the cache or from the compiler."""
    path = cache_file()
    found = _read(path)
    if found is None:
        with _alone(path):
            found = _read(path)  # another process may have made it meanwhile
            if found is None:
                from nftsim.engine.kernels.entries import build

                found = build()
                _write(path, *found)
    return found


def _read(path: Path) -> tuple[bytes, dict[str, str]] | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, _, rest = content.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != digest:
        log.warning("%s is damaged; compiling the kernels again", path)
        return None
    symbols, _, code = rest.partition(b"\n")
    return code, json.loads(symbols)


def _write(path: Path, code: bytes, symbols: dict[str, str]) -> None:
    """Write the file whole or not at all; without it kernels are compiled in every process."""
    rest = json.dumps(symbols).encode() + b"\n" + code
    content = hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink()
                raise
    except OSError as error:
        log.warning(
            "cannot keep the compiled kernels (%s); every process compiles them again. Set "
            "NFTSIM_CACHE_DIR to a folder that can be written",
            error,
        )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process compile while others wait for it, where the file system can lock."""
    try:
        import fcntl

        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("ab")
    except (ImportError, OSError):
        yield  # all compile, and the last one's file stays: the same code
        return
    with lock:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
