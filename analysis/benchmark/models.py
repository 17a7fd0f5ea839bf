"""The models of the benchmark: E, EI and EIRS on a square sheet, driven by white noise.

They are texts that NFTsim reads too. Noise drives every node by itself, so that no two nodes are
alike and each has to be computed. Parameters are those of the library's models: EIRS is the waking
state of Abeysuriya et al. (2014); EI has the cortical part of Robinson et al. (2002); E is the
excitatory population alone, with feedback weak enough for one stable fixed point. Length, Range and
gamma are the same in all: from 144 nodes the grid resolves the range, and at 16384 nodes the
Courant number is 0.16. On a single node NFTsim and we take a wave as a harmonic propagator.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Time step of the paper's benchmarks [s], and the length of its runs [s].
DELTAT, PAPER_TIME = 2.0**-14, 16.0
#: Sheets of the benchmark, in nodes.
NODES = (1, 144, 576, 1024, 2304, 4096, 16384)
#: Steps between rows of output: 512 Hz.
INTERVAL_STEPS = 32

#: Half the corticothalamic loop delay, 42.5 ms in whole steps [s].
_HALF_LOOP = 696 * DELTAT

_SIGMOID = "Firing: Function: Sigmoid Theta: 0.01292 Sigma: 0.0038 Qmax: 340"
_RATES = "alpha: 83.33333333 beta: 769.2307692"
_WAVE = "Range: 0.086 gamma: 116"
_NOISE = "Stimulus: White - Onset: 0 Mean: {mean:g} ASD: 7.071067811865475e-05"


@dataclass(frozen=True)
class System:
    """A model of the benchmark.

    Attributes
    ----------
    title
        First line of the file.
    matrix
        Rows of the connection matrix, target by source; 0: none.
    neural
        Population (from 1) → its initial rate [s⁻¹], a fixed point.
    noise
        Population (from 1) → the mean of its white noise [s⁻¹].
    waves, delays
        Connections that are waves, and delays [s]; the others are maps without delay.
    nu
        Strengths [V s], in order of the connections.
    shown
        Population and propagator whose fields are written: three fields, Q, V and φ.
    """

    title: str
    matrix: tuple[tuple[int, ...], ...]
    neural: dict[int, float]
    noise: dict[int, float]
    waves: tuple[int, ...]
    delays: dict[int, float]
    nu: tuple[float, ...]
    shown: tuple[int, int]


SYSTEMS: dict[str, System] = {
    "E": System(
        title="Benchmark, one cortical population driven by white noise",
        matrix=((1, 2), (0, 0)),
        neural={1: 17.6563716805},
        noise={2: 10.0},
        waves=(1,),
        delays={},
        nu=(5e-5, 1e-4),
        shown=(1, 1),
    ),
    "EI": System(
        title="Benchmark, two cortical populations, each driven by white noise of its own",
        matrix=((0, 0, 0, 0), (0, 0, 0, 0), (1, 0, 2, 3), (0, 4, 5, 6)),
        neural={3: 7.4860731942, 4: 7.4860731942},
        noise={1: 5.0, 2: 5.0},
        waves=(2, 5),
        delays={},
        nu=(1.5e-4, 1.5e-3, -1.8e-3, 1.5e-4, 1.5e-3, -1.8e-3),
        shown=(3, 2),
    ),
    "EIRS": System(
        title="Benchmark, corticothalamic system in the waking state",
        matrix=(
            (1, 2, 0, 3, 0),
            (4, 5, 0, 6, 0),
            (7, 0, 0, 8, 0),
            (9, 0, 10, 0, 11),
            (0, 0, 0, 0, 0),
        ),
        neural={1: 7.5915904241, 2: 7.5915904241, 3: 19.8530793906, 4: 5.0553019617},
        noise={5: 1.0},
        waves=(1, 4, 7, 9),
        delays={3: _HALF_LOOP, 6: _HALF_LOOP, 7: _HALF_LOOP, 9: _HALF_LOOP},
        nu=(
            0.001346879228,
            -0.002320281251,
            0.001176634189,
            0.001346879228,
            -0.002320281251,
            0.001176634189,
            0.0002584431651,
            7.762265571e-05,
            0.002661985519,
            -0.001176930149,
            0.0001415780734,
        ),
        shown=(1, 1),
    ),
}


def conf(
    name: str, nodes: int, steps: int, *, output: str = "none", delay: float | None = None
) -> str:
    """Return the text of a model.

    Parameters
    ----------
    name
        A key of `SYSTEMS`.
    nodes
        Nodes of the square sheet.
    steps
        Steps of the run.
    output
        ``none``; ``three``: Q, V and φ of all nodes at 512 Hz; ``all``: every field so.
    delay
        Stands for every delay of the model that is not 0 [s]; rounded to whole steps.
    """
    system = SYSTEMS[name]
    lines = [system.title, "", f"Time: {steps * DELTAT!r} Deltat: {DELTAT!r}", f"Nodes: {nodes}"]
    numbers = range(1, len(system.matrix) + 1)
    lines += ["", "Connection matrix:", "From: " + " ".join(map(str, numbers))]
    lines += [f"To {i}: " + " ".join(map(str, row)) for i, row in enumerate(system.matrix, 1)]
    for i, row in enumerate(system.matrix, 1):
        lines += ["", *_population(system, i, [c for c in row if c])]
    connections = range(1, len(system.nu) + 1)
    lines += ["", *(_propagator(system, c, delay) for c in connections)]
    lines += ["", *(f"Coupling {c}: Map - nu: {nu!r}" for c, nu in enumerate(system.nu, 1))]
    return "\n".join([*lines, "", *_output(system, output)]) + "\n"


def _population(system: System, number: int, inputs: list[int]) -> list[str]:
    if number in system.noise:
        return [
            f"Population {number}: Stimulation",
            " Length: 0.5",
            " " + _NOISE.format(mean=system.noise[number]),
        ]
    return [
        f"Population {number}: Neurons",
        " Length: 0.5",
        f" Q: {system.neural[number]!r}",
        f" {_SIGMOID}",
        *(f"  Dendrite {c}: {_RATES}" for c in inputs),
    ]


def _propagator(system: System, number: int, delay: float | None) -> str:
    tau = system.delays.get(number, 0.0)
    if tau and delay is not None:
        tau = round(delay / DELTAT) * DELTAT
    kind, more = ("Wave", f" {_WAVE}") if number in system.waves else ("Map", "")
    return f"Propagator {number}: {kind} - Tau: {tau!r}{more}"


def _output(system: System, output: str) -> list[str]:
    populations = dendrites = propagators = couplings = ""
    if output == "three":
        populations, propagators = map(str, system.shown)
    elif output == "all":
        populations = _numbers(len(system.matrix))
        dendrites = propagators = couplings = _numbers(len(system.nu))
    elif output != "none":
        raise ValueError(f"output '{output}' is not one of none, three, all")
    return [
        f"Output: Node: All Start: 0 Interval: {INTERVAL_STEPS * DELTAT!r}",
        f"Population: {populations}",
        f"Dendrite: {dendrites}",
        f"Propagator: {propagators}",
        f"Coupling: {couplings}",
    ]


def _numbers(count: int) -> str:
    return " ".join(map(str, range(1, count + 1)))


def paper_steps() -> int:
    """Return the steps of a run of the paper's length."""
    return round(PAPER_TIME / DELTAT)


def scaled_steps(nodes: int, work: float) -> int:
    """Return how many steps to make on a sheet: as many as the paper's, but `work` node updates.

    The number is a multiple of the steps between rows of output.
    """
    steps = min(paper_steps(), int(work / nodes))
    return max(steps // INTERVAL_STEPS, 1) * INTERVAL_STEPS
