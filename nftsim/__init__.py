"""Neural field simulation and its theory, after Sanz-Leon et al. (2018).

The names below are what scripts need; each is imported when first used, so that ``import nftsim``
costs nothing. See ``docs/python.md``. Type checkers read ``__init__.pyi``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

#: Where each name comes from.
_HOMES = {
    "Connection": "nftsim.model",
    "Model": "nftsim.model",
    "NftsimError": "nftsim.errors",
    "Output": "nftsim.model",
    "Population": "nftsim.model",
    "Run": "nftsim.io.run",
    "Trace": "nftsim.model",
    "branches": "nftsim.predictions",
    "cross_spectrum": "nftsim.predictions",
    "dispersion_relation": "nftsim.predictions",
    "evoked_response": "nftsim.predictions",
    "impulse_response": "nftsim.predictions",
    "linear_spectrum": "nftsim.api",
    "load_model": "nftsim.model",
    "parse_model": "nftsim.model",
    "read_run": "nftsim.io.convert",
    "settled_states": "nftsim.api",
    "simulate": "nftsim.api",
    "simulate_ensemble": "nftsim.api",
    "stability_map": "nftsim.predictions",
    "steady_states": "nftsim.api",
    "to_conf": "nftsim.model",
    "transfer_function": "nftsim.predictions",
}

__all__ = ["__version__", "components", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name == "components":
        return import_module("nftsim.components")
    if name not in _HOMES:
        raise AttributeError(f"module 'nftsim' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
