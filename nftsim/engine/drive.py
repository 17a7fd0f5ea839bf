"""Tables for a stretch of steps: rates of stimuli, windows of noise, what changes in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import array, ticks
from nftsim.engine import native
from nftsim.engine.plan import Drive, Plan
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
        Deterministic stimuli at their mean, noise on, whatever their windows; nothing ramps.

    Returns
    -------
    waveforms
        Shape (row, step): rates of stimuli [s⁻¹], windows of noise (1 while it is active), and the
        numbers that the steps of timed components read.
    tables
        Shape (table, step, node of all members): rates that differ from node to node, and NFTsim's
        deviates.
    """
    if plan.parts:
        return _side_by_side(plan, state, steps, warmup=warmup)
    waveforms = np.zeros((plan.waveforms, steps))
    tables = np.zeros((plan.tables, steps, plan.model.nodes))
    noise = 0
    for i, drive in enumerate(plan.drives):
        t = ticks(state.clocks[i : i + 1], steps, plan.model.deltat)
        active = np.ones(steps, dtype=bool) if warmup else drive.stimulus.active(t)
        if drive.field >= 0:
            tables[drive.field] = _rate(plan, drive, t[:, None], active[:, None], warmup=warmup)
        else:
            waveforms[drive.waveform] = _rate(plan, drive, t, active, warmup=warmup)
        if drive.window >= 0:
            waveforms[drive.window] = active
            if drive.table >= 0:
                count = 1 if getattr(drive.stimulus, "coherent", False) else plan.model.nodes
                deviates = np.zeros((steps, count))
                native.fill(state.generators[noise], active, deviates)
                tables[drive.table] = deviates
            noise += 1
    _timelines(plan, state, waveforms, warmup=warmup)
    return waveforms, tables


def _side_by_side(plan: Plan, state: State, steps: int, *, warmup: bool) -> tuple[Floats, Floats]:
    """Return the tables of all members side by side; numbers per step are the same for all."""
    found = []
    clocks = state.clocks.reshape(plan.members, -1)
    for part, own in zip(plan.parts, clocks, strict=True):
        member = replace(state, clocks=own)
        found.append(drive_tables(part, member, steps, warmup=warmup))
        if not plan.tables:  # then all members are alike in this
            clocks[:] = own
            break
    tables = np.concatenate([t for _, t in found], axis=2) if plan.tables else found[0][1]
    return found[0][0], tables


def _rate(
    plan: Plan, drive: Drive, t: Floats, active: NDArray[np.bool_], *, warmup: bool
) -> NDArray[np.float64]:
    if warmup:
        return array(drive.stimulus.background)
    with np.errstate(all="ignore"):  # while inactive it may be anything; else the run diverges
        return np.where(active, drive.stimulus.waveform(t, plan.model.deltat), 0.0)


def _timelines(plan: Plan, state: State, waveforms: Floats, *, warmup: bool) -> None:
    """Fill the rows of components whose steps change in time; in a warm-up they rest."""
    place = len(plan.drives)
    for timed in plan.timed:
        rest = timed.item.rest(timed.setting)
        carried = state.clocks[place : place + timed.item.carried(timed.setting).size]
        place += carried.size
        rows = slice(timed.first, timed.first + rest.size)
        if warmup:
            waveforms[rows] = rest[:, None]
        else:
            with np.errstate(all="ignore"):  # outside its ramps a line may be anything
                waveforms[rows] = timed.item.timeline(carried, waveforms.shape[1], timed.setting)
