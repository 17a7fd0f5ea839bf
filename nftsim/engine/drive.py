"""Tables for the stimuli of a stretch of steps: waveforms, windows of noise, NFTsim's deviates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nftsim.engine.kernels import mersenne
from nftsim.engine.plan import Plan
from nftsim.engine.state import State

Floats = NDArray[np.float64]


def drive_tables(
    plan: Plan, state: State, steps: int, *, warmup: bool = False
) -> tuple[Floats, Floats]:
    """Return the tables for the next steps, and move the stimuli's clocks and generators on.

    Parameters
    ----------
    plan, state
        The run; `state.clocks` and `state.generators` are advanced in place.
    steps
        How many steps the tables are for.
    warmup
        Deterministic stimuli at their mean, noise on, whatever their windows.

    Returns
    -------
    waveforms
        Shape (waveform, step) [s⁻¹]; the window of a noise is 1 while it is active.
    deviates
        Shape (noise, step, node), filled for NFTsim's generator only.
    """
    count = len(plan.drives) + len(plan.noises)
    waveforms = np.zeros((count, steps))
    tables = np.zeros((len(state.generators), steps, plan.model.nodes))
    noise = 0
    for i, drive in enumerate(plan.drives):
        t = _accumulate(state, i, plan.model.deltat, steps)
        active = np.ones(steps, dtype=bool) if warmup else drive.stimulus.active(t)
        if warmup:
            waveforms[drive.waveform] = drive.stimulus.background
        else:
            shape = drive.stimulus.waveform(t, plan.model.deltat)
            waveforms[drive.waveform] = np.where(active, shape, 0.0)
        if drive.window >= 0:
            waveforms[drive.window] = active
            if len(tables):
                mersenne.fill(state.generators[noise], active, tables[noise])
            noise += 1
    return waveforms, tables


def _accumulate(state: State, index: int, step: float, steps: int) -> Floats:
    """Return a stimulus's clock at each of the next steps: Δt added on again and again."""
    increments = np.full(steps + 1, step)
    increments[0] = state.clocks[index]
    t = np.add.accumulate(increments)[1:]
    state.clocks[index] = t[-1]
    return t
