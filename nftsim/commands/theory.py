"""``nftsim steady`` and ``nftsim spectrum``: what theory says of a model, without simulating it."""

from __future__ import annotations

import argparse
import json
import math

import numpy as np
from numpy.typing import NDArray

from nftsim.commands import load
from nftsim.errors import NftsimError

#: Most frequencies that a spectrum may have.
MOST = 1_000_000
#: Frequencies [Hz] where none are asked for.
EVEN = {"fmin": 1.0, "fmax": 50.0, "df": 0.5}


def steady(options: argparse.Namespace) -> None:
    """Print the fixed points of a model."""
    model = load(options)
    from nftsim.theory.fixed_points import steady_states

    found = steady_states(model)
    if options.json:
        print(json.dumps(found.to_dict(), indent=2))
    else:
        print(found.to_frame().to_string(index=False))


def spectrum(options: argparse.Namespace) -> None:
    """Print the power spectrum of a trace in linear theory."""
    where, k0 = frequencies(options), _cutoff(options.k0)
    model = load(options)
    from nftsim.theory.linear import linear_spectrum

    found = linear_spectrum(model, options.trace, where, k0=k0, wavenumbers=options.wavenumbers)
    f, power = found.frequencies.tolist(), found.power.tolist()
    if options.json:
        print(json.dumps({"frequencies": f, "power": power, "units": found.units}))
    elif options.csv:
        print(f"frequency [Hz],power [{found.units}]")
        for row in zip(f, power, strict=True):
            print(f"{row[0]!r},{row[1]!r}")
    else:
        if k0 is None:
            print("# without volume conduction")
        else:
            print(f"# with volume conduction, k0 = {k0:g} /m; --k0 none for the field itself")
        print(f"{'f [Hz]':>10}  P [{found.units}]")
        for row in zip(f, power, strict=True):
            print(f"{row[0]:>10.6g}  {row[1]:.6e}")


def frequencies(options: argparse.Namespace) -> NDArray[np.float64]:
    """Return the frequencies asked for [Hz]: those listed, or evenly spaced ones.

    Raises
    ------
    NftsimError
        If they are no numbers >= 0, or contradict each other.
    """
    given = [name for name in EVEN if getattr(options, name) is not None]
    if options.frequencies is not None:
        if given:
            raise NftsimError(
                f"--frequencies contradicts --{given[0]}; list frequencies, or give fmin, fmax and "
                "df"
            )
        return np.array([_frequency(word) for word in options.frequencies.split(",")])
    low, high, step = (
        default if getattr(options, name) is None else getattr(options, name)
        for name, default in EVEN.items()
    )
    if not (0 <= low <= high < math.inf):
        raise NftsimError(f"--fmin {low:g} --fmax {high:g}: give 0 <= fmin <= fmax, in Hz")
    if not 0 < step < math.inf:
        raise NftsimError(f"--df {step:g}: give a number > 0 in Hz")
    if (high - low) / step > MOST:
        raise NftsimError(f"--df {step:g}: more than {MOST} frequencies; give a larger one")
    # fmax belongs to them, whatever rounding does to the quotient
    count = math.floor((high - low) / step + 1e-9) + 1
    return np.asarray(low + step * np.arange(count))


def _frequency(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise NftsimError(
            f"--frequencies: '{word}' is not a frequency; give numbers >= 0 in Hz, separated by "
            "commas, e.g. 1,2.5,10"
        )
    return value


def _cutoff(word: str) -> float | None:
    if word.lower() == "none":
        return None
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise NftsimError(f"--k0 {word}: give a number > 0 in 1/m, or none")
    return value
