"""What the traces of a run are called in figures."""

from __future__ import annotations

import re

from nftsim.components import ROLES

_OWNERS = {"pop": "population"}
#: Roles of the components that declare what a population writes; others have the owner's name.
_ROLES = {"pop": ("firing", "stimulus")}


def quantity(trace: str) -> str:
    """Return the symbol of a trace with its owner, such as ``φ of propagator 1``.

    Parameters
    ----------
    trace
        Name of the trace, such as ``propagator.1.phi``; another name is returned as it is.
    """
    owner, _, rest = trace.partition(".")
    index, _, name = rest.partition(".")
    bases = [ROLES[role] for role in _ROLES.get(owner, (owner,)) if role in ROLES]
    declared = [f for base in bases for c in base.registry.values() for f in c.outputs]
    symbol = next((f.symbol for f in declared if f.name == name), None)
    if symbol is None:
        return trace
    return f"{symbol} of {_OWNERS.get(owner, owner)} {index}"


def in_print(unit: str) -> str:
    """Return a unit in plain text, such as ``s-2 Hz-1``, with its exponents raised."""
    return re.sub(r"(?<=[A-Za-z])(-?\d+)", r"$^{\1}$", unit)
