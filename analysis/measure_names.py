"""What the measures of a trace are called, and their units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Measures of a trace by themselves, and with what to multiply its unit.
PLAIN = {"mean": "{}", "variance": "({})²", "minimum": "{}", "maximum": "{}"}
#: Measures of the peak of its spectrum.
PEAK = {"peak_frequency": "Hz", "peak_power": "({})² Hz⁻¹"}


def measure_units(wanted: Sequence[str], bands: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """Return the names of the measures of a trace, in order, and their units.

    Parameters
    ----------
    wanted
        Some of ``mean``, ``variance``, ``minimum``, ``maximum``, ``bands``, ``peak``, and
        ``theory`` for what linear theory says of the last two.
    bands
        Name → (low, high) [Hz].

    Returns
    -------
    dict
        Name → unit, in which ``{}`` stands for that of the trace.
    """
    spectral = dict.fromkeys(bands, "({})²") if "bands" in wanted else {}
    spectral |= PEAK if "peak" in wanted else {}
    found = {name: PLAIN[name] for name in wanted if name in PLAIN} | spectral
    if "theory" in wanted:
        found |= {f"theory_{name}": unit for name, unit in spectral.items()}
    return found
