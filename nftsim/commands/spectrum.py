"""``nftsim spectrum``: what linear theory says of a model, without simulating it."""

from __future__ import annotations

import argparse
import logging
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nftsim.commands import load, print_result
from nftsim.commands.columns import print_columns
from nftsim.commands.traces import named_trace
from nftsim.errors import NftsimError
from nftsim.model import Model, Trace

if TYPE_CHECKING:
    from nftsim.commands.points import Around

log = logging.getLogger(__name__)

Frequencies = NDArray[np.float64]

#: Most frequencies that a spectrum may have.
MOST = 1_000_000
#: Frequencies [Hz] where none are asked for.
EVEN = {"fmin": 1.0, "fmax": 50.0, "df": 0.5}


#: What an unstable fixed point means for a spectrum, and for a transfer function.
NOWHERE = "this spectrum is of no simulation: take another fixed point (--at), or simulate"
GROWING = "the transfer function is of no lasting response: take another fixed point (--at)"


def spectrum(options: argparse.Namespace) -> None:
    """Print the power spectrum of a trace in linear theory, or what ``--with``, ``--from`` say."""
    where, k0 = frequencies(options), _cutoff(options.k0)
    _check(options)
    model = load(options)
    named = {
        name: named_trace(model, f"--{name}", text)
        for name, text in (
            ("trace", options.trace),
            ("with", options.other),
            ("from", options.source),
        )
        if text is not None
    }
    # slow to import, and not needed to find that a name is wrong
    from nftsim.commands.points import around
    from nftsim.theory.evoked import left_out

    place = around(options, model, otherwise=GROWING if "from" in named else NOWHERE)
    settings: dict[str, Any] = {
        "wavenumbers": options.wavenumbers,
        "fixed_point": place.point,
        "compat": options.compat is not None,
    }
    if "from" in named:
        _transfer(options, model, named, where, settings, place)
        return
    settings |= {"k0": k0, "interval": options.interval}
    missing = left_out(model)
    about = place.to_dict() | {"interval": None}
    if options.wavenumbers == "scheme":
        about["interval"] = _interval(options, model)
        _mirrored(where, about["interval"])
    about |= {"left_out": missing} if missing else {}
    if "with" in named:
        _cross(options, model, named, where, settings, about)
    else:
        _power(options, model, named, where, settings, about)
    for what in missing:
        log.warning("%s", what)


def _power(
    options: argparse.Namespace,
    model: Model,
    named: dict[str, Trace],
    where: Frequencies,
    settings: dict[str, Any],
    about: dict[str, Any],
) -> None:
    from nftsim.theory.linear import linear_spectrum

    found = linear_spectrum(model, named["trace"], where, **settings)
    if options.json:
        print_result(found.to_dict() | about, options, model)
        return
    columns = {
        "frequency [Hz]": found.frequencies,
        f"{'power' if options.csv else 'P'} [{found.units}]": found.power,
    }
    notes = _notes(settings)
    if options.wavenumbers == "scheme":
        notes.append(f"of samples, with {found.aliases} aliases of each frequency")
    print_columns(columns, csv=options.csv, notes=notes, first="f [Hz]")


def _cross(
    options: argparse.Namespace,
    model: Model,
    named: dict[str, Trace],
    where: Frequencies,
    settings: dict[str, Any],
    about: dict[str, Any],
) -> None:
    from nftsim.theory.cross import cross_spectrum

    found = cross_spectrum(model, named["trace"], named["with"], where, **settings)
    if options.json:
        common = {k: settings[k] for k in ("wavenumbers", "k0")}
        print_result(found.to_dict() | common | about, options, model)
        return
    columns = {
        "frequency [Hz]": found.frequencies,
        f"|cross| [{found.units}]": np.abs(found.cross),
        "phase [rad]": found.phase,
        "coherence [1]": found.coherence,
    }
    late = f"phase: by how much {found.traces[0]} comes later than {found.traces[1]}"
    print_columns(columns, csv=options.csv, notes=[*_notes(settings), late], first="f [Hz]")


def _transfer(
    options: argparse.Namespace,
    model: Model,
    named: dict[str, Trace],
    where: Frequencies,
    settings: dict[str, Any],
    place: Around,
) -> None:
    from nftsim.theory.cross import transfer_function, transfer_units

    read, source, k = named["trace"], named["from"], options.k or 0.0
    found = transfer_function(model, read, source, where, k=k, **settings)
    units = transfer_units(model, read, source)
    if options.json:
        content = {
            "frequencies": where.tolist(),
            "transfer": {"re": found.real.tolist(), "im": found.imag.tolist()},
            "units": units,
            "from": str(source),
            "to": str(read),
            "k": k,
            "wavenumbers": options.wavenumbers,
            **place.to_dict(),
        }
        print_result(content, options, model)
        return
    columns = {
        "frequency [Hz]": where,
        f"gain [{units}]": np.abs(found),
        "phase [rad]": np.angle(found),
    }
    notes = [f"{read} per deviation of {source}, with k = {k:g} /m along x"]
    print_columns(columns, csv=options.csv, notes=notes, first="f [Hz]")


def _interval(options: argparse.Namespace, model: Model) -> float:
    """Return the time between samples [s]."""
    if options.interval is not None:
        return float(options.interval)
    return model.deltat if model.output.interval is None else model.output.interval


def _mirrored(where: Frequencies, interval: float) -> None:
    """Warn of frequencies that samples do not have."""
    most = 0.5 / interval
    if where.max() > most * (1 + 1e-9):
        log.warning(
            "samples every %.6g s have frequencies up to %.6g Hz; those above mirror the ones "
            "below: give a shorter --interval, or --fmax %.6g",
            interval,
            most,
            most,
        )


def _notes(settings: dict[str, Any]) -> list[str]:
    if settings["k0"] is None:
        return ["without volume conduction"]
    return [f"with volume conduction, k0 = {settings['k0']:g} /m; --k0 none for the field itself"]


def _check(options: argparse.Namespace) -> None:
    """Refuse options that contradict each other."""
    if options.source is not None and options.other is not None:
        raise NftsimError("--from contradicts --with; ask for a transfer function or a coherence")
    if options.k is not None and options.source is None:
        raise NftsimError("--k is the wavenumber of a transfer function; name its --from TRACE")
    if options.k is not None and not math.isfinite(options.k):
        raise NftsimError(f"--k {options.k:g}: give a finite number in 1/m")
    if options.interval is not None:
        if options.wavenumbers != "scheme":
            raise NftsimError("--interval matters to --wavenumbers scheme alone; leave it out")
        if not 0 < options.interval < math.inf:
            raise NftsimError(f"--interval {options.interval:g}: give a number > 0 in s")


def frequencies(options: argparse.Namespace) -> Frequencies:
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
