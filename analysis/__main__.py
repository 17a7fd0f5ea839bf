"""Whether a simulated spectrum agrees with linear theory: ``python -m analysis RUN.h5 …``."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.comparison import Comparison, write_comparison
from analysis.provenance import made
from analysis.wording import in_words, without_events
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.io.place import require_folder

if TYPE_CHECKING:
    from analysis.predicted import Prediction
    from analysis.spectrum import Spectrum

_TEXT = """\
Compares the power spectrum of simulated runs with linear theory of the model that their files hold,
and prints what the steps, nonlinearity and chance did, and the verdict. Runs that differ in their
seed alone are averaged. They must have all nodes of the trace, and should start at the fixed point
the theory is about: nftsim run MODEL --steady, or a warm-up, or leave the start out (--start).

example:
  nftsim run eirs-wake -o wake.h5 --set nodes=144 --duration 300
  python -m analysis wake.h5 --k0 none --figure wake
"""


def main(given: Sequence[str] | None = None) -> int:
    """Compare; return 0 (agree, insufficient or none), 1 (disagree) or 2 (bad input)."""
    options = _parsed(given)
    try:
        _require_sensible(options)
        found, measured, theory = compare_runs(
            options.runs,
            options.trace,
            k0=options.k0,
            segment=options.segment,
            start=options.start,
        )
        asked = {name: getattr(options, name) for name in ("trace", "k0", "segment", "start")}
        comes = made(options.runs, asked | {"trace": measured.meta["trace"]})
        if options.json:
            csv = Path(options.json).with_suffix(".csv")
            write_comparison(found, options.json, csv, comes)
        if options.figure:
            from analysis.figures import agreement, style  # matplotlib takes its time

            style.save(agreement.draw(measured, found, theory), options.figure, comes)
    except NftsimError as error:
        print(error, file=sys.stderr)
        return 2
    for warning in measured.meta["warnings"]:
        print(f"warning: {warning}", file=sys.stderr)
    if found.verdict == "none":
        print(in_words(found))
        return 0
    print(found.to_frame().to_string(index=False, float_format="{:.4g}".format))
    print(in_words(found))
    return 1 if found.verdict == "disagree" else 0


def compare_runs(
    runs: Sequence[str | Path],
    trace: str | None = None,
    *,
    k0: float | None = 10.0,
    segment: float = 4.0,
    start: float = 0.0,
) -> tuple[Comparison, Spectrum, Prediction]:
    """Compare runs of one model with linear theory of that model.

    Parameters
    ----------
    runs
        HDF5 files that differ in their seed alone.
    trace
        Name of a trace (default: the first field of a propagator, else the first trace).
    k0
        Volume conduction [m⁻¹]; None for none.
    segment, start
        As of `analysis.spectra.spectrum_of_runs`.

    Returns
    -------
    comparison, spectrum, prediction
        What theory leaves out is said in ``spectrum.meta["warnings"]``.

    Raises
    ------
    NftsimError
        If a file is no run, or the model has no linear theory.
    """
    with open_run(runs[0]) as run:
        model, interval = run.model, run.interval
        compat = bool(run.attrs.get("compat", 0))
        names = [name for name in run.traces if name.startswith("propagator.")] or list(run.traces)
        if trace is not None:
            run.dataset(trace.lower())  # or a word on what there is
    which = trace or names[0]
    # slow to import, and not needed to find that a run is none
    from analysis.agreement import BANDS, judge
    from analysis.comparable import prediction_of
    from analysis.spectra import spectrum_of_runs
    from nftsim.theory.fixed_points import steady_states

    measured = spectrum_of_runs(runs, which, segment=segment, k0=k0, start=start)
    theory = prediction_of(steady_states(model), 0, which, k0=k0, interval=interval, compat=compat)
    left_out = without_events(measured.meta["events"])
    measured.meta["warnings"] += [left_out] if left_out else []
    nyquist = 0.5 / interval
    bands = [band for band in BANDS if band[1] <= 0.9 * nyquist]
    return judge(measured, theory, bands=bands), measured, theory


def _require_sensible(options: argparse.Namespace) -> None:
    """Refuse what would give a table of nothing.

    Raises
    ------
    NftsimError
        In one line.
    """
    if not 0 < options.segment < math.inf:
        raise NftsimError(f"--segment {options.segment:g}: give a time > 0 in seconds")
    for path in filter(None, (options.json, options.figure)):
        require_folder(Path(path))
    seeds: dict[object, Path] = {}
    for path in map(Path, options.runs):
        with open_run(path) as run:
            end, seed = float(run.time[-1]) if run.time.size else 0.0, run.attrs.get("seed")
        if options.start + options.segment > end:
            raise NftsimError(
                f"{path}: ends at {end:g} s, and a segment of {options.segment:g} s from --start "
                f"{options.start:g} s on does not fit; make --segment or --start smaller, or the "
                "run longer"
            )
        same = seeds.setdefault(path.resolve() if seed is None else int(seed), path)
        if same is not path:
            raise NftsimError(
                f"{path}: has the seed of {same}, so that it is the same noise again; give runs "
                "that differ in their seed"
            )


def _parsed(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description=_TEXT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", nargs="+", metavar="RUN.h5", help="written by nftsim run")
    parser.add_argument("--trace", help="its spectrum (default: the first field of the file)")
    parser.add_argument(
        "--k0",
        type=_cutoff,
        default=10.0,
        help="low pass of volume conduction exp(-k^2/k0^2) [1/m], or 'none' (default: 10)",
    )
    parser.add_argument(
        "--segment", type=float, default=4.0, help="length of Welch's segments [s] (default: 4)"
    )
    parser.add_argument(
        "--start", type=float, default=0.0, help="leave out what is before this time [s]"
    )
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON, bands as CSV")
    parser.add_argument("--figure", metavar="STEM", help="draw STEM.pdf and STEM.png")
    return parser.parse_args(given)


def _cutoff(text: str) -> float | None:
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no number [1/m], nor 'none'") from None


if __name__ == "__main__":
    sys.exit(main())
