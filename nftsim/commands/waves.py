"""``nftsim waves``: frequency and damping of a model's own waves along k."""

from __future__ import annotations

import argparse
import json
import math

import numpy as np

from nftsim.commands import load
from nftsim.errors import NftsimError

#: Most wavenumbers that may be asked for.
MOST = 10_000


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
    from nftsim.commands.points import chosen
    from nftsim.theory.dispersion import dispersion

    k = low + step * np.arange(math.floor((high - low) / step + 1e-9) + 1)
    found = dispersion(
        model,
        k,
        count=options.branches,
        wavenumbers=options.wavenumbers,
        fixed_point=chosen(options, model),
    )
    if options.json:
        table = {
            "k": found.k.tolist(),
            "growth": _plain(found.growth),
            "frequency": _plain(found.frequency),
            "units": {"k": "m-1", "growth": "s-1", "frequency": "Hz"},
        }
        print(json.dumps(table))
        return
    frame = found.to_frame().rename(
        columns={"k": "k [m-1]", "growth": "growth [s-1]", "frequency": "frequency [Hz]"}
    )
    print(frame.to_csv(index=False), end="") if options.csv else print(frame.to_string(index=False))


def _plain(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[list[float | None]]:
    """Return rows of numbers, None for those that are none."""
    return [[None if math.isnan(v) else v for v in row] for row in values.tolist()]
