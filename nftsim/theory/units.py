"""Units of what linear theory gives: products and quotients of those of traces."""

from __future__ import annotations

from collections import Counter

#: Unit of a trace → exponents of volt and second.
EXPONENTS = {"s⁻¹": {"s": -1}, "V": {"V": 1}, "s": {"s": 1}, "Hz": {"Hz": 1}}


def unit(*above: str, per: tuple[str, ...] = ()) -> str:
    """Return a product of units over others, in plain text.

    Parameters
    ----------
    above, per
        Units as traces have them (``s⁻¹``, ``V``), or ``s`` and ``Hz``.

    Examples
    --------
    >>> unit("s⁻¹", "s⁻¹", per=("Hz",)), unit("V", per=("s⁻¹",)), unit("V", per=("V",))
    ('s-2 Hz-1', 'V s', '1')
    """
    total: Counter[str] = Counter()
    for name in above:
        total.update(EXPONENTS[name])
    for name in per:
        total.subtract(EXPONENTS[name])
    powers = ((name, total[name]) for name in ("V", "s", "Hz"))
    words = [name if power == 1 else f"{name}{power}" for name, power in powers if power]
    return " ".join(words) or "1"
