"""Thumbnails: the typical behaviour of each model of the library, one small panel each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter
from numpy.typing import NDArray
from scipy import signal

from analysis.figures.style import COLOURS, DIVERGING, SHORT, figure, signed, styled
from nftsim.components.stimuli import Burst, PulseRect
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import RunFile, open_run
from nftsim.model import Model

#: Size of a thumbnail [cm].
WIDTH, HEIGHT = 8.6, 5.2
#: Colour and dashes of the curves in a panel, so that they differ without colour too.
LINES = (
    (COLOURS["blue"], "-"),
    (COLOURS["red"], (0, (5, 1.5))),
    (COLOURS["green"], (0, (1.5, 1))),
    (COLOURS["black"], (0, (6, 1.5, 1.5, 1.5))),
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class View(ABC):
    """What a thumbnail shows of the runs of a model; `text` is its caption, without the numbers."""

    text: str

    @abstractmethod
    def draw(self, axes: Axes, runs: Sequence[RunFile]) -> None:
        """Draw into a panel."""

    @abstractmethod
    def numbers(self, runs: Sequence[RunFile]) -> str:
        """Return the numbers of the caption, a clause."""


@dataclass(frozen=True)
class Series(View):
    """Rates in time at the first node: trace → label; `change`: since the first sample."""

    traces: Mapping[str, str]
    change: bool = False

    def draw(self, axes: Axes, runs: Sequence[RunFile]) -> None:
        """Draw one curve per trace of the first run."""
        (run, *_) = runs
        short = run.time[-1] < SHORT
        time = (1e3 if short else 1.0) * run.time
        for (trace, label), (colour, dashes) in zip(self.traces.items(), LINES, strict=False):
            values = _first_node(run, trace)
            values = values - values[0] if self.change else values
            axes.plot(time, values, color=colour, linestyle=dashes, label=label)
        quantity = "Change of rate" if self.change else "Rate"
        axes.set(xlabel="Time (ms)" if short else "Time (s)", ylabel=f"{quantity} (s$^{{-1}}$)")
        axes.set_xlim(0, time[-1])
        axes.ticklabel_format(axis="y", useOffset=False)
        _legend(axes, len(self.traces))

    def numbers(self, runs: Sequence[RunFile]) -> str:
        """Return the range of each curve."""
        ranges = []
        for trace in self.traces:
            values = _first_node(runs[0], trace)
            ranges.append(f"{trace} {values.min():.6g} to {values.max():.6g} s⁻¹")
        return "Ranges: " + ", ".join(ranges)


@dataclass(frozen=True)
class Spectra(View):
    """Power spectra, mean over nodes: trace → label."""

    traces: Mapping[str, str]
    #: Frequencies shown [Hz]; length of Welch's segments, Hann taper [s].
    band: tuple[float, float] = (1.0, 45.0)
    segment: float = 2.0

    def draw(self, axes: Axes, runs: Sequence[RunFile]) -> None:
        """Draw one curve per trace of the first run."""
        for (trace, label), (colour, dashes) in zip(self.traces.items(), LINES, strict=False):
            axes.loglog(
                *self._spectrum(runs[0], trace), color=colour, linestyle=dashes, label=label
            )
        axes.set_xlim(*self.band)
        axes.set_xticks([1, 2, 5, 10, 20, 45])
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set(xlabel="Frequency (Hz)", ylabel="Power (s$^{-2}$ Hz$^{-1}$)")
        _legend(axes, len(self.traces))

    def numbers(self, runs: Sequence[RunFile]) -> str:
        """Return where each spectrum is largest above 5 Hz."""
        peaks = []
        for trace in self.traces:
            frequency, power = self._spectrum(runs[0], trace)
            above = frequency > 5
            peaks.append(f"{trace} {frequency[above][power[above].argmax()]:.3g} Hz")
        return "Largest above 5 Hz: " + ", ".join(peaks)

    def _spectrum(self, run: RunFile, trace: str) -> tuple[Array, Array]:
        field = run.trace(trace).reshape(run.time.size, -1)
        samples = min(round(self.segment / run.interval), run.time.size)
        frequency, power = signal.welch(
            field, 1 / run.interval, window="hann", nperseg=samples, axis=0
        )
        shown = (frequency >= self.band[0]) & (frequency <= self.band[1])
        return frequency[shown], power.mean(axis=1)[shown]


@dataclass(frozen=True)
class Frame(View):
    """The field at one time [s], its mean over space subtracted."""

    trace: str
    time: float

    def draw(self, axes: Axes, runs: Sequence[RunFile]) -> None:
        """Draw a plan view with its scale."""
        ny, nx = (100 * length for length in runs[0].extent(self.trace))
        values = self._deviation(runs[0])
        exponent = int(np.floor(np.log10(np.abs(values).max() or 1.0)))
        scaled = values / 10.0**exponent
        # the sites of the pulses are far above the waves
        limit = float(np.quantile(np.abs(scaled), 0.95)) or 1.0
        image = axes.imshow(
            scaled, DIVERGING, vmin=-limit, vmax=limit, origin="lower", extent=(0, nx, 0, ny)
        )
        axes.spines[:].set_visible(True)
        axes.set(xlabel="x (cm)", ylabel="y (cm)")
        assert axes.figure is not None
        bar = axes.figure.colorbar(
            image, ax=axes, ticks=[-limit, 0, limit], format=_label, extend="both"
        )
        bar.set_label(rf"Deviation (10$^{{{signed(exponent)}}}$ s$^{{-1}}$)")

    def numbers(self, runs: Sequence[RunFile]) -> str:
        """Return the time and the largest deviation."""
        largest = np.abs(self._deviation(runs[0])).max()
        return f"{1e3 * self.time:g} ms after the start; largest deviation {largest:.2g} s⁻¹"

    def _deviation(self, run: RunFile) -> Array:
        index = int(np.abs(run.time - self.time).argmin())
        field = run.trace(self.trace, index, index + 1)[0]
        return np.asarray(field - field.mean())


@dataclass(frozen=True)
class Strength(View):
    """A plastic strength under several protocols, as a share of that at first."""

    coupling: int

    def draw(self, axes: Axes, runs: Sequence[RunFile]) -> None:
        """Draw one curve per run, and below them bars while its stimulus lasts."""
        for run, (colour, dashes) in zip(runs, LINES, strict=False):
            label, _ = protocol(run.model)
            axes.plot(run.time, self._share(run), color=colour, linestyle=dashes, label=label)
        axes.axhline(100, color=COLOURS["grey"], linewidth=0.6, zorder=0)
        low, high = axes.get_ylim()
        gap = 0.05 * (high - low)
        for row, (run, (colour, _)) in enumerate(zip(runs, LINES, strict=False), start=1):
            _, lasts = protocol(run.model)
            end = min(lasts, float(run.time[-1]))
            axes.plot([0, end], [low - row * gap] * 2, color=colour, linewidth=2.5)
        axes.set(xlabel="Time (s)", ylabel=r"Strength $\nu/\nu(0)$ (%)")
        axes.set_xlim(0, runs[0].time[-1])
        _legend(axes, len(runs))

    def numbers(self, runs: Sequence[RunFile]) -> str:
        """Return the last strength of each run."""
        ends = ", ".join(f"{self._share(run)[-1]:.4g}% ({protocol(run.model)[0]})" for run in runs)
        return f"At the end of the record: {ends}"

    def _share(self, run: RunFile) -> Array:
        coupling = run.model.connection(self.coupling).coupling
        values = _first_node(run, f"coupling.{self.coupling}.nu")
        return 100 * values / coupling.first


def protocol(model: Model) -> tuple[str, float]:
    """Return what a magnetic stimulation is called, and until when it lasts [s].

    Raises
    ------
    NftsimError
        If the model has no train of pulses or bursts.
    """
    for stimulus in (s for population in model.populations for s in population.stimuli):
        if isinstance(stimulus, PulseRect):
            lasts = min(stimulus.pulses * stimulus.interval, stimulus.duration)
            return f"{1 / stimulus.interval:g} Hz", stimulus.onset + lasts
        if isinstance(stimulus, Burst):
            kind = "intermittent" if stimulus.off else "continuous"
            return kind, stimulus.onset + stimulus.duration
    raise NftsimError(
        f"{model.name}: has no PulseRect or Burst stimulus to name the protocol after"
    )


def _first_node(run: RunFile, trace: str) -> Array:
    return run.trace(trace).reshape(run.time.size, -1)[:, 0]


def _legend(axes: Axes, count: int) -> None:
    """Name the curves above the panel, where they hide nothing."""
    if count > 1:
        axes.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=count, columnspacing=1.2,
            borderaxespad=0.2,
        )  # fmt: skip


def _label(value: float, _position: int) -> str:
    return signed(value, ".2g")


PHI = {"propagator.1.phi": r"$\phi_{ee}$"}
#: Model of the library → its thumbnail.
VIEWS: dict[str, View] = {
    "bg-corticothalamic": Spectra(
        "Firing rates of cortex and basal ganglia that noise in the relay nuclei brings about",
        {"pop.1.q": "cortex e", "pop.9.q": "STN", "pop.8.q": "GPe", "pop.7.q": "GPi"},
    ),
    "e-erps": Frame("The axonal field after two pulses", "propagator.1.phi", 0.077),
    "ei": Series(
        "Answer of the cortex to a step of its inputs at t = 0, from 4 to 5 s⁻¹",
        {"pop.3.q": r"$Q_e$", "propagator.2.phi": r"$\phi_{ee}$"},
    ),
    "eirs-aerp": Series("Answer of the cortical field to a click at 125 ms", PHI),
    "eirs-bursting": Series(
        "A seizure: at t = 0 the coupling from cortex to relay nuclei grows from 1.7 to 2 mV s",
        {"pop.3.q": "reticular", "pop.1.q": "cortex e", "pop.4.q": "relay"},
    ),
    "eirs-eyes-closed": Spectra("The alpha rhythm in the cortical field, uniform mode", PHI),
    "eirs-spindle": Spectra("Spindles in the cortical field and their harmonic", PHI),
    "eirs-wake": Spectra("The cortical field of the waking state, mean over the nodes", PHI),
    "emirs": Series(
        "Answer of cortex and thalamus to a step of the input at t = 0, from 15 to 16 s⁻¹",
        {"pop.1.q": "cortex e", "pop.3.q": "reticular", "pop.4.q": "relay"},
        change=True,
    ),
    "tms-bcm": Strength("Plastic strength under theta-burst stimulation (bars)", 2),
    "tms-cadp": Strength("Plastic strength under trains of 600 pulses (bars)", 2),
}


def view(model: str) -> View:
    """Return the view of a model of the library.

    Raises
    ------
    NftsimError
        If there is none.
    """
    if model not in VIEWS:
        raise NftsimError(f"thumbnails: no view of '{model}', only of {', '.join(sorted(VIEWS))}.")
    return VIEWS[model]


@styled
def draw(model: str, runs: Sequence[str | Path]) -> Figure:
    """Draw the thumbnail of a model.

    Parameters
    ----------
    model
        Its name in the library.
    runs
        HDF5 run files of it, in the order of the curves.

    Returns
    -------
    Figure
    """
    fig = figure(WIDTH, HEIGHT)
    with ExitStack() as stack:
        view(model).draw(fig.subplots(), [stack.enter_context(open_run(run)) for run in runs])
    return fig


def caption(model: str, runs: Sequence[str | Path]) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    model, runs
        As in `draw`.

    Returns
    -------
    str
    """
    shown = view(model)
    with ExitStack() as stack:
        opened = [stack.enter_context(open_run(run)) for run in runs]
        return f"{model}. {shown.text}. {shown.numbers(opened)}."
