"""What is measured: every scheme with the input that it assumes, and with a smooth one."""

from __future__ import annotations

from functools import partial

from analysis.convergence import exact, halved
from analysis.convergence.study import Study
from nftsim.components.dendrites import Integral, Ramp, SecondOrder
from nftsim.components.plasticity import BCM, CaDP
from nftsim.components.propagators import Harmonic, HarmonicIntegral, Wave, WaveLegacy

_RAMP = {"alpha2": 10.0, "beta2": 20.0, "t1": 5.0, "t2": 6.0, "t3": 7.0, "t4": 8.0}
_DENDRITE = SecondOrder(alpha=50.0, beta=120.0, v=0.0)
_AT_REST = Ramp(alpha=50.0, beta=120.0, v=0.0, **_RAMP)
_INTEGRAL = Integral(alpha=50.0, beta=120.0)
_HARMONIC = Harmonic(gamma=100.0, phi=0.0)
_HARMONIC_INTEGRAL = HarmonicIntegral(gamma=100.0)


def _waves(kind: type[Wave]) -> tuple[Study, ...]:
    name, drive = f"`{kind.keyword}`", "a standing wave"
    in_time, uniform = (partial(exact.wave_in_time, kind, cycles) for cycles in (3, 0))
    together, in_space = partial(exact.wave_jointly, kind), partial(exact.wave_in_space, kind)
    return (
        Study(name, drive, "both", 2, (3, 4, 5, 6), together, kind),
        Study(name, drive, "time", 2, (9, 10, 11, 12), in_time, kind),
        Study(name, drive, "space", 2, (3, 4, 5), in_space, kind),
        Study(name, "a uniform sine", "time", 4, (8, 9, 10, 11), uniform),
    )


def _dendrites() -> tuple[Study, ...]:
    step, sine = exact.step, exact.sine
    name, ramp = "second-order dendrite", "dendrite `Ramp`"
    held, at_rest = (partial(step, d, 50.0, 120.0) for d in (_DENDRITE, _AT_REST))
    ramps = partial(halved.halved, halved.ramps, "dendrite.1.v")
    integral = "dendrite `Integral`"
    late, sines = partial(sine, _INTEGRAL, 1), partial(sine, _INTEGRAL, 0)
    return (
        Study(name, "a step", "time", 4, (9, 10, 11, 12), held, SecondOrder),
        Study(name, "a sine", "time", 1, (8, 9, 10, 11), partial(sine, _DENDRITE, 0)),
        Study(ramp, "a step", "time", 4, (9, 10, 11, 12), at_rest, Ramp),
        Study(ramp, "a step, as it ramps", "time", 1, (9, 10, 11, 12), ramps),
        Study(integral, "a sine, one step late", "time", 2, (8, 9, 10, 11), late),
        Study(integral, "a sine", "time", 1, (8, 9, 10, 11), sines),
    )


def _harmonics() -> tuple[Study, ...]:
    name, held = "`Harmonic`", partial(exact.step, _HARMONIC, 100.0, 100.0)
    integral, sine = "`HarmonicIntegral`", partial(exact.sine, _HARMONIC_INTEGRAL, 0)
    return (
        Study(name, "a step", "time", 4, (9, 10, 11, 12), held, Harmonic),
        Study(name, "a sine", "time", 1, (8, 9, 10, 11), partial(exact.sine, _HARMONIC, 0)),
        Study(integral, "a sine", "time", 2, (8, 9, 10, 11), sine, HarmonicIntegral),
    )


def _slow() -> tuple[Study, ...]:
    slow, calcium = "slow currents of `Bursting`", "calcium of `CaDP` and `BCM`"
    feedback = partial(halved.halved, halved.bursts, "pop.1.htilde")
    cadp, bcm = (
        partial(halved.halved, partial(halved.synapse, item), "coupling.1.nutilde")
        for item in (CaDP, BCM)
    )
    return (
        Study("glutamate", "a step", "time", 4, (7, 8, 9, 10), exact.glutamate),
        Study(slow, "a step, threshold at rest", "time", 4, (8, 9, 10, 11), exact.slow_currents),
        Study(slow, "a step", "time", 1, (8, 9, 10, 11), feedback),
        Study(calcium, "a step", "time", 4, (6, 7, 8, 9), exact.calcium),
        Study("strength ν̃ of `CaDP`", "calcium", "time", 1, (7, 8, 9, 10), cadp),
        Study("strength ν̃ of `BCM`", "calcium", "time", 1, (7, 8, 9, 10), bcm),
    )


def _loops() -> tuple[Study, ...]:
    one, integral, sheet = (
        partial(halved.halved, make, "propagator.1.phi")
        for make in (
            halved.loop,
            partial(halved.loop, dendrite=Integral),
            partial(halved.loop, n=24),
        )
    )
    return (
        Study("whole step: EIRS", "a sine", "time", 1, (0, 1, 2, 3), one),
        Study("whole step: EIRS, `Integral`", "a sine", "time", 1, (0, 1, 2, 3), integral),
        Study("whole step: EIRS, a sheet", "a standing wave", "both", 1, (0, 1, 2), sheet),
    )


#: Every measurement, in the order of the table.
STUDIES: tuple[Study, ...] = (
    *_dendrites(),
    *_harmonics(),
    *_waves(Wave),
    *_waves(WaveLegacy),
    *_slow(),
    *_loops(),
)
