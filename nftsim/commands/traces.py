"""The trace that an option names."""

from __future__ import annotations

from nftsim.errors import NftsimError, suggestion
from nftsim.model import Model, Trace
from nftsim.theory.traces import ANSWERING, one_trace


def named_trace(model: Model, option: str, text: str) -> Trace:
    """Return the one trace that an option names, which has a linear response.

    Raises
    ------
    NftsimError
        If it names none, or several; the message names the option, and what there is.
    """
    answering = [t for t in model.all_traces() if (t.kind, t.quantity) in ANSWERING]
    places: dict[tuple[str, str], list[int]] = {}
    for t in answering:
        places.setdefault((t.kind, t.quantity), []).append(t.index)
    there = ", ".join(
        f"{kind}.{min(found)}.{quantity}"
        if len(found) == 1
        else f"{kind}.K.{quantity} (K from {min(found)} to {max(found)})"
        for (kind, quantity), found in places.items()
    )
    try:
        model.parse_trace(text)
    except NftsimError:
        hint = suggestion(text.strip(), [str(t) for t in answering])
        raise NftsimError(
            f"{option}: no trace '{text}' in model {model.name}.{hint} There are {there}"
        ) from None
    try:
        found = one_trace(model, text)
    except NftsimError as error:
        raise NftsimError(f"{option}: {error}") from None
    if found not in answering:
        raise NftsimError(f"{option}: trace '{found}' has no linear response; ask for {there}")
    return found
