"""What the tests of the engine share: running a model in memory, and random models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nftsim.components import couplings, dendrites, firing, propagators, stimuli
from nftsim.engine.advance import run_chunks
from nftsim.engine.compile import compile_plan
from nftsim.engine.plan import Plan
from nftsim.engine.state import State, initial_state
from nftsim.model import Connection, Model, Output, Population
from nftsim.model.checks import check

Array = NDArray[np.float64]


def watched(model: Model) -> Model:
    """Return the model with every trace written at every node and step."""
    return replace(model, output=Output(traces=tuple(model.all_traces())))


def engine_run(
    model: Model,
    steps: int,
    *,
    seed: int = 1,
    rng: str = "counter",
    compat: bool = False,
    chunk: int | None = None,
) -> dict[str, Array]:
    """Return every trace at every step, shape (step, y, x)."""
    model = watched(model)
    plan = compile_plan(model, rng=rng, compat=compat)
    return rows_of(plan, initial_state(plan), steps, seed=seed, chunk=chunk)


def rows_of(
    plan: Plan, state: State, steps: int, *, seed: int = 1, chunk: int | None = None, **more: Any
) -> dict[str, Array]:
    """Advance a state; return the rows of each trace, shape (row, y, x)."""
    parts = [c.rows.copy() for c in run_chunks(plan, state, steps, seed=seed, chunk=chunk, **more)]
    rows = np.concatenate(parts)
    shape = (len(rows), *plan.model.shape)
    return {str(t): rows[:, i].reshape(shape) for i, t in enumerate(plan.model.output.traces)}


def worst_difference(ours: dict[str, Array], theirs: dict[str, Array]) -> tuple[float, str]:
    """Return the largest difference of any trace, relative to the trace's largest magnitude."""
    assert ours.keys() == theirs.keys()
    found = [(0.0, "")]
    for name, a in ours.items():
        b = theirs[name]
        assert a.shape == b.shape, name
        assert np.all(np.isfinite(b)), name
        scale = max(float(np.abs(b).max()), 1e-300)
        found.append((float(np.abs(a - b).max()) / scale, name))
    return max(found)


# random models ----------------------------------------------------------------------------------

GRIDS = [(1, 1), (1, 7), (7, 1), (2, 2), (3, 5), (5, 3), (4, 4), (2, 9)]
STEPS = [1e-3, 2.0**-10, 7e-4]


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False).map(lambda x: float(f"{x:.6g}"))


@st.composite
def models(draw: Any, *, steady_drive: bool = False) -> Model:
    """Draw a model of any shape that the checks accept.

    With `steady_drive` its stimuli do not depend on the time since the start.
    """
    ny, nx = draw(st.sampled_from(GRIDS))
    dt = draw(st.sampled_from(STEPS))
    neural, inputs = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    sheets = [_neurons(draw) for _ in range(neural)]
    sheets += [_input(draw, dt, ny * nx, steady_drive) for _ in range(inputs)]
    order = draw(st.permutations(range(neural + inputs)))
    populations = tuple(sheets[i] for i in order)
    links = []
    for post, population in enumerate(populations):
        if population.neural:
            chosen = draw(st.sets(st.integers(0, len(populations) - 1), min_size=1))
            links += [(pre, post) for pre in sorted(chosen)]
    # connections may be numbered in any order
    links = draw(st.permutations(links))
    connections = tuple(
        Connection(
            index,
            pre,
            post,
            _propagator(draw, dt, ny * nx, populations[pre].length / nx),
            couplings.Map(nu=_per_node(draw, ny * nx, -2e-3, 2e-3)),
            _dendrite(draw, dt),
        )
        for index, (pre, post) in enumerate(links, start=1)
    )
    model = Model(
        time=draw(st.integers(40, 90)) * dt,
        deltat=dt,
        nodes=ny * nx,
        longside=nx,
        populations=populations,
        connections=connections,
    )
    return check(watched(model))


def _per_node(draw: Any, nodes: int, low: float, high: float) -> Any:
    if draw(st.booleans()):
        return draw(_numbers(low, high))
    return tuple(draw(st.lists(_numbers(low, high), min_size=nodes, max_size=nodes)))


def _neurons(draw: Any) -> Population:
    response: firing.Firing = firing.Sigmoid(
        theta=draw(_numbers(0.005, 0.02)), sigma=draw(_numbers(2e-3, 6e-3)), qmax=340.0
    )
    if draw(st.integers(0, 3)) == 0:
        response = firing.Linear(a=draw(_numbers(-200, 200)), b=draw(_numbers(1, 20)))
    return Population("", draw(_numbers(0.1, 1)), q=draw(_numbers(0, 20)), firing=response)


def _input(draw: Any, dt: float, nodes: int, steady: bool) -> Population:
    count = draw(st.integers(1, 3))
    sources = tuple(_stimulus(draw, dt, nodes, steady) for _ in range(count))
    return Population("", draw(_numbers(0.1, 1)), stimuli=sources)


def _stimulus(draw: Any, dt: float, nodes: int, steady: bool) -> stimuli.Stimulus:
    where: dict[str, Any] = {
        "node": tuple(draw(st.lists(st.integers(1, nodes), unique=True, max_size=3)))
    }
    if not steady:
        where["onset"] = draw(st.integers(-20, 60)) * dt
        if draw(st.booleans()):
            where["duration"] = draw(st.integers(0, 60)) * dt
    kinds = ["const", "white"] if steady else ["const", "white", "sine", "rect", "sigmoid"]
    kind = draw(st.sampled_from(kinds))
    if kind == "const":
        return stimuli.Const(mean=draw(_numbers(-2, 10)), **where)
    if kind == "white":
        if draw(st.booleans()):
            strength = {"asd": draw(_numbers(0, 1e-3))}
        else:
            strength = {"stddev": draw(_numbers(0, 5))}
        seed = draw(st.none() | st.integers(0, 2**40))
        return stimuli.White(mean=draw(_numbers(-2, 10)), ranseed=seed, **strength, **where)
    amplitude = draw(_numbers(-10, 10))
    if kind == "sine":
        return stimuli.Sine(amplitude=amplitude, frequency=draw(_numbers(1, 200)), **where)
    train: dict[str, Any] = {"amplitude": amplitude, "width": draw(st.integers(0, 12)) * dt}
    repeat = draw(st.sampled_from(["once", "period", "frequency"]))
    if repeat == "period":
        train |= {"period": draw(st.integers(1, 30)) * dt, "pulses": draw(st.integers(1, 4))}
    elif repeat == "frequency":
        train |= {"frequency": draw(_numbers(20, 300)), "pulses": draw(st.integers(1, 4))}
    if kind == "rect":
        return stimuli.PulseRect(**train, **where)
    sigma = draw(st.none() | _numbers(1e-3, 5e-3))
    return stimuli.PulseSigmoid(sigma=sigma, **train, **where)


def _propagator(draw: Any, dt: float, nodes: int, dx: float) -> propagators.Propagator:
    delays = st.sampled_from([0, 1, 2, 3, 4, 17])
    fraction = draw(st.sampled_from([0.0, 0.0, 0.3, 0.7]))
    if draw(st.booleans()):
        tau: Any = (draw(delays) + fraction) * dt
    else:
        steps = draw(st.lists(delays, min_size=nodes, max_size=nodes))
        tau = tuple((d + fraction) * dt for d in steps)
    common: dict[str, Any] = {"tau": tau, "phi": draw(st.none() | _numbers(0, 20))}
    kind = draw(st.sampled_from(["map", "wave", "harmonic"]))
    if kind == "map":
        return propagators.Map(**common)
    # γΔt below 0.02 would only measure how often rounding is amplified, 1/(γΔt)² times
    if kind == "harmonic":
        return propagators.Harmonic(gamma=draw(_numbers(0.02, 0.5)) / dt, **common)
    ratio = draw(_numbers(2.01, 5))
    gamma = draw(_numbers(0.02, min(0.5, 0.7 / ratio))) / dt
    if draw(st.booleans()):
        return propagators.Wave(range=ratio * dx, gamma=gamma, **common)
    return propagators.Wave(range=ratio * dx, velocity=gamma * ratio * dx, **common)


def _dendrite(draw: Any, dt: float) -> dendrites.SecondOrder:
    alpha = draw(_numbers(0.02, 0.8)) / dt
    beta = alpha if draw(st.integers(0, 3)) == 0 else draw(_numbers(0.02, 1.5)) / dt
    return dendrites.SecondOrder(alpha=alpha, beta=beta, v=draw(st.none() | _numbers(-0.01, 0.02)))
