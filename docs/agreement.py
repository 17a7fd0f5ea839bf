"""Simulate every kind of model that has a linear theory, and bring theory.md in line.

Run ``python -m docs.agreement`` from the root of the repository (a minute or two).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from analysis.agreement import judge
from analysis.figures.agreement import draw
from analysis.prediction import predict
from analysis.wording import percent, probability
from docs.tables import FOLDER, table, write
from nftsim.components.stimuli import White
from tests.analysis.agreements import Noisy
from tests.analysis.noisy_models import NOISY

PAGE = "theory.md"
#: Length of a run [s], and how many of each model.
DURATION, SEEDS = 200.0, 3
#: Shells of wavenumbers, in units of the inverse spacing.
EDGES = [0.0, 0.8, 1.6, 2.4, 3.2, 4.5]
#: Noise of the model of spindles, ASD [s⁻¹ Hz^{-1/2}]; the last is the published one.
AMPLITUDES = [1e-6, 1e-5, 2e-5, 4e-5, 7.071067811865475e-05]


def seeds(index: int) -> range:
    """Return seeds that no other model has: the same noise gives the same luck."""
    return range(100 * index + 1, 100 * index + 1 + SEEDS)


def agreement() -> str:
    """Return the table of all models: p of each seed, and how far the equations are off."""
    rows = []
    for index, (name, make) in enumerate(NOISY.items()):
        noisy = Noisy.at_rest(make())
        spectra = [noisy.measured(seed, DURATION) for seed in seeds(index)]
        found = [noisy.scored(s) for s in spectra]
        off = noisy.scored(spectra[0], "continuous").excess(20, 45)[0]
        single = ", ".join(f"{f.p:.3f}" for f in found)
        groups = ", ".join(f"{f.p_groups:.3f}" for f in found)
        rows.append((name, single, groups, percent(off)))
        print(*rows[-1], sep=" | ", flush=True)
    return table(
        ("model", "p, single frequencies", "p, groups", "over `continuous`, 20–45 Hz"), rows
    )


def shells() -> str:
    """Return the table of measured power over theory, by wavenumber."""
    noisy = Noisy.at_rest(NOISY["EIRS, wake"]())
    found = noisy.shells(EDGES, 1, 2 * DURATION)
    rows = []
    for i, (low, high) in enumerate(pairwise(EDGES)):
        ratios = [
            f"{1 + excess:.3f} ± {chance:.3f}"
            for kind in ("continuous", "grid", "scheme")
            for excess, chance in [found[kind][i].excess(20, 45)]
        ]
        rows.append((f"{low:g} … {high:g}", *ratios))
    return table(("kΔx", "over `continuous`", "over `grid`", "over `scheme`"), rows)


def spindles(amplitude: float) -> Noisy:
    """Return the model of spindles with noise of this amplitude."""
    model = NOISY["EIRS, spindles"]()
    populations = list(model.populations)
    populations[4] = replace(populations[4], stimuli=(White(mean=1.0, asd=amplitude),))
    return Noisy.at_rest(replace(model, populations=tuple(populations)))


def picture() -> None:
    """Draw the spindles of the published amplitude beside theory."""
    noisy = spindles(AMPLITUDES[-1])
    theory = predict(noisy.model, noisy.point, str(noisy.trace), k0=None, interval=noisy.interval)
    measured = noisy.measured(1, DURATION)
    measured.meta["trace"] = str(noisy.trace)
    fig = draw(measured, judge(measured, theory), theory)
    fig.savefig(FOLDER / "figures" / "agreement.png", dpi=150, metadata={"Software": None})


def nonlinearity() -> str:
    """Return the table of the excess over theory as noise grows."""
    rows = []
    for amplitude in AMPLITUDES:
        noisy = spindles(amplitude)
        found = noisy.scored(noisy.measured(1, DURATION))
        parts = [
            f"{percent(excess)} ± {100 * chance:.1f}%"
            for band in ((11, 16), (20, 30), (30, 45))
            for excess, chance in [found.excess(*band)]
        ]
        rows.append(
            (
                f"{amplitude:.2g}",
                *parts,
                probability(found.p).removeprefix("p = ").removeprefix("p "),
            )
        )
    return table(("ASD", "11–16 Hz", "20–30 Hz", "30–45 Hz", "p, single frequencies"), rows)


if __name__ == "__main__":
    for name, make in {
        "agreement": agreement,
        "shells": shells,
        "nonlinearity": nonlinearity,
    }.items():
        write(PAGE, name, make())
    picture()
