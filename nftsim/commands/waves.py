"""``nftsim waves``: frequency and damping of a model's own waves along k."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from nftsim.commands import load, print_result
from nftsim.errors import NftsimError

if TYPE_CHECKING:
    from nftsim.theory.dispersion import Dispersion

#: Most wavenumbers that may be asked for.
MOST = 10_000
#: What there is in place of a dispersion relation.
INSTEAD = (
    "take the power over k and frequency of a simulation (nftsim run, then nftsim plot --kind kw)"
)


def waves(options: argparse.Namespace) -> None:
    """Print the rightmost roots of the characteristic function along k."""
    low, high, step = options.kmin, options.kmax, options.dk
    if not 0 <= low <= high < math.inf:
        raise NftsimError(f"--kmin {low:g} --kmax {high:g}: give 0 <= kmin <= kmax, in 1/m")
    if not (0 < step < math.inf and (high - low) / step < MOST):
        raise NftsimError(
            f"--dk {step:g}: give a number > 0 in 1/m, for at most {MOST} wavenumbers"
        )
    if not 1 <= options.branches <= 20:
        raise NftsimError(f"--branches {options.branches}: give 1 to 20")
    model = load(options)
    from nftsim.commands.points import around
    from nftsim.theory.dispersion import dispersion

    k = low + step * np.arange(math.floor((high - low) / step + 1e-9) + 1)
    if not model.neural:
        raise NftsimError(f"{model.name} has only inputs, and no waves of its own")
    place = around(options, model, instead=INSTEAD)
    found = dispersion(
        model,
        k,
        count=options.branches,
        wavenumbers=options.wavenumbers,
        fixed_point=place.point,
    )
    if not found.roots.size:
        raise NftsimError(
            f"{model.name}: at this fixed point no population acts on itself, directly or through "
            "others, so there are no waves of its own"
        )
    for ended in _ended(found):
        print(f"{model.name}: {ended}", file=sys.stderr)
    if options.json:
        table = {
            "k": found.k.tolist(),
            "growth": _plain(found.growth),
            "frequency": _plain(found.frequency),
            "units": {"k": "m-1", "growth": "s-1", "frequency": "Hz"},
            "wavenumbers": options.wavenumbers,
            **place.to_dict(),
        }
        print_result(table, options, model)
        return
    frame = found.to_frame().dropna()
    frame = frame.rename(
        columns={"k": "k [m-1]", "growth": "growth [s-1]", "frequency": "frequency [Hz]"}
    )
    print(frame.to_csv(index=False), end="") if options.csv else print(frame.to_string(index=False))


def _ended(found: Dispersion) -> Iterator[str]:
    """Yield, for each branch that ends, where and why."""
    for j, other in enumerate(found.joined.tolist()):
        here = np.isfinite(found.roots[:, j])
        if here.all():
            continue
        last = f"branch {j + 1} ends after k = {found.k[here][-1]:g} m^-1"
        if other >= 0:
            yield f"{last}: its root meets that of branch {other + 1}, which goes on as the pair"
        else:
            yield f"{last}: its root could not be followed further; begin beyond, by --kmin"


def _plain(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[list[float | None]]:
    """Return rows of numbers, None for those that are none."""
    return [[None if math.isnan(v) else v for v in row] for row in values.tolist()]
