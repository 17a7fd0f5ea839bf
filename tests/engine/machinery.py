"""What the tests of the engine share: running a model in memory, and random models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nftsim.components import (
    Component,
    Coupling,
    Dendrite,
    Propagator,
    couplings,
    firing,
    slow,
    stimuli,
)
from nftsim.components.base import Setting
from nftsim.engine.advance import run_chunks, trace_values
from nftsim.engine.compile import compile_plan
from nftsim.engine.plan import Plan
from nftsim.engine.state import State, initial_state
from nftsim.model import Connection, Model, Output, Population, to_conf
from nftsim.model.checks import check
from nftsim.reference import simulate
from tests.engine.draws import DRAWS, TIMED
from tests.engine.scene import Scene, on_sheet

Array = NDArray[np.float64]


def watched(model: Model, *, summed: bool = False) -> Model:
    """Return the model with every trace written at every node and step.

    Without those of dendrites (`summed`), these are merged where they can be.
    """
    traces = tuple(t for t in model.all_traces() if not (summed and t.kind == "dendrite"))
    return replace(model, output=Output(traces=traces))


def engine_run(
    model: Model,
    steps: int,
    *,
    seed: int = 1,
    rng: str = "counter",
    compat: bool = False,
    chunk: int | None = None,
    summed: bool = False,
) -> dict[str, Array]:
    """Return every trace at every step, shaped as those of `simulate`; see `watched`."""
    model = watched(model, summed=summed)
    plan = compile_plan(model, rng=rng, compat=compat)
    return rows_of(plan, initial_state(plan), steps, seed=seed, chunk=chunk)


def rows_of(
    plan: Plan, state: State, steps: int, *, seed: int = 1, chunk: int | None = None, **more: Any
) -> dict[str, Array]:
    """Advance a state; return the rows of each trace, shaped as those of `simulate`."""
    chunks = run_chunks(plan, state, steps, seed=seed, chunk=chunk, **more)
    rows = np.concatenate([c.rows.copy() for c in chunks])
    found = {}
    for trace, values in trace_values(plan, rows):
        # nodes, where there are any, are the last axis
        shape = values.shape[:-1] + plan.model.shape if values.ndim > 1 else values.shape
        found[str(trace)] = values.reshape(shape)
    return found


def worst_difference(ours: dict[str, Array], theirs: dict[str, Array]) -> tuple[float, str]:
    """Return the largest difference of any trace, relative to the trace's largest magnitude."""
    assert ours.keys() == theirs.keys()
    assert ours
    found = [(0.0, "")]
    for name, a in ours.items():
        b = theirs[name]
        assert a.shape == b.shape, name
        assert np.all(np.isfinite(b)), name
        scale = max(float(np.abs(b).max()), 1e-300)
        found.append((float(np.abs(a - b).max()) / scale, name))
    return max(found)


def agree(model: Model, steps: int, **options: Any) -> tuple[float, str]:
    """Return the worst difference of kernels and reference, with dendrites apart and summed."""
    reference = {k: v for k, v in options.items() if k in ("seed", "compat")}
    theirs = simulate(model, steps, **reference)
    assert set(theirs) == {str(t) for t in model.all_traces()}
    few = {name: v for name, v in theirs.items() if not name.startswith("dendrite.")}
    return max(
        worst_difference(engine_run(model, steps, **options), theirs),
        worst_difference(engine_run(model, steps, summed=True, **options), few),
    )


# random models ----------------------------------------------------------------------------------

GRIDS = [(2, 2), (1, 1), (1, 7), (7, 1), (3, 5), (5, 3), (4, 4), (2, 9)]
STEPS = [1e-3, 2.0**-10, 7e-4]
#: Steps with which a run has several whole seconds.
LONG_STEPS = [0.03, 2.0**-5, 0.05]


class Drawn(Model):
    """A model that is printed as a file, its long lines cut, when a test fails."""

    def __repr__(self) -> str:
        lines = to_conf(self).splitlines()
        return "\n".join(["", *(x if len(x) <= 200 else f"{x[:200]} …" for x in lines)])

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Print it so in hypothesis too, which would go through the fields."""
        printer.text(repr(self))


@st.composite
def models(draw: Any, *, steady_drive: bool = False, focus: type[Component] | None = None) -> Model:
    """Draw a model of any shape that the checks accept.

    With `steady_drive` nothing in it depends on the time since the start. With a `focus` it has at
    least one component of this class.
    """
    ny, nx = draw(st.sampled_from(GRIDS))
    dt = draw(st.sampled_from(LONG_STEPS if focus is couplings.DiffArctan else STEPS + LONG_STEPS))
    steps = draw(st.integers(40, 90))
    setting = Setting(dt, 0.0, ny * nx, nx, steps * dt)
    neural = draw(st.integers(1, 3))
    inputs = draw(st.integers(1 if _is(focus, "stimulus") else 0, 2))
    scene = Scene(draw, setting, steady_drive)
    sheets = [_neurons(scene, focus if i == 0 else None) for i in range(neural)]
    sheets += [_input(scene, focus if i == 0 else None) for i in range(inputs)]
    order = draw(st.permutations(range(neural + inputs)))
    populations = tuple(sheets[i] for i in order)
    links = []
    for post, population in enumerate(populations):
        if population.neural:
            chosen = draw(st.sets(st.integers(0, len(populations) - 1), min_size=1))
            links += [(pre, post) for pre in sorted(chosen)]
    # connections may be numbered in any order
    links = draw(st.permutations(links))
    # what is in focus goes to the first population drawn, which is made for it
    centre = next(link for link in links if link[1] == order.index(0))
    connections = []
    for index, (pre, post) in enumerate(links, start=1):
        wanted = focus if (pre, post) == centre else None
        wide = on_sheet(scene, populations[pre].length / nx)
        parts = [
            _part(sheet, base, wanted, populations[post])
            for sheet, base in ((wide, Propagator), (scene, Coupling), (scene, Dendrite))
        ]
        connections.append(Connection(index, pre, post, *parts))
    model = Drawn(
        time=steps * dt,
        deltat=dt,
        nodes=ny * nx,
        longside=nx,
        topology=draw(st.sampled_from(["Torus", "Torus", "Sphere"])),
        populations=populations,
        connections=tuple(connections),
    )
    return check(watched(model))


def _is(focus: type[Component] | None, role: str) -> bool:
    return focus is not None and focus.role == role


def _draw(scene: Scene, base: type[Component], wanted: type[Component] | None, skip: Any) -> Any:
    """Draw a component of a role: the one wanted, if it has this role, else any but some."""
    if wanted is not None and issubclass(wanted, base):
        return DRAWS[wanted](scene)
    allowed = [kind for kind in base.registry.values() if kind not in skip]
    return DRAWS[scene.draw(st.sampled_from(allowed))](scene)


def _part(
    scene: Scene, base: type[Component], wanted: type[Component] | None, post: Population
) -> Any:
    skip: set[type[Component]] = set(TIMED) if scene.steady else set()
    if scene.setting.time < 1.5:
        skip.add(couplings.DiffArctan)
    if not getattr(post.firing, "glutamate", False):
        skip |= {kind for kind in base.registry.values() if getattr(kind, "glutamate", False)}
    return _draw(scene, base, wanted, skip)


def _neurons(scene: Scene, focus: type[Component] | None) -> Population:
    if _is(focus, "coupling") and getattr(focus, "glutamate", False):
        focus = slow.GlutamateResponse
    response = _draw(scene, firing.Firing, focus, ())
    return Population("", scene.number(0.1, 1), q=scene.each(0, 20), firing=response)


def _input(scene: Scene, focus: type[Component] | None) -> Population:
    skip = TIMED if scene.steady else ()
    kinds = [focus, *[None] * scene.integer(0, 2)]
    sources = tuple(_draw(scene, stimuli.Stimulus, kind, skip) for kind in kinds)
    return Population("", scene.number(0.1, 1), stimuli=sources)
