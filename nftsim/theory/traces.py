"""Which traces linear theory speaks of; quick to import, for answers to misspelt names."""

from __future__ import annotations

from nftsim.errors import NftsimError, require_kind
from nftsim.model import Model, Trace

#: Traces that have a linear response.
ANSWERING = {("pop", "q"), ("pop", "v"), ("propagator", "phi"), ("dendrite", "v")}


def one_trace(model: Model, trace: str | Trace) -> Trace:
    """Return the one trace that a name means.

    Raises
    ------
    NftsimError
        If it means none, or several.
    """
    require_kind(trace, (str, Trace), "the name of a trace")
    found = model.parse_trace(str(trace))
    if len(found) > 1:
        names = ", ".join(str(t) for t in found)
        raise NftsimError(f"trace '{trace}' means {len(found)} traces: {names}; name one of them")
    return found[0]
