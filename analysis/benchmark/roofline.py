"""How far ours is from what the machine allows: operations and bytes of a step against its peaks.

The floor of a step is the largest of three times, none of which can be undercut: its operations at
the rate of multiply-adds, its divisions and roots at theirs, and its bytes at the bandwidth of the
level of memory that holds what a step of the sheet touches. Operations are counted one by one, as a
plain reading of the formulas has them; ``fused_ns`` is the stricter floor of a program that fuses
every product with the sum it goes into.
"""

from __future__ import annotations

import pandas as pd

from analysis.benchmark.flops import Operations, merged, stated, traffic
from analysis.benchmark.machine import Machine
from analysis.benchmark.models import conf, paper_steps
from nftsim.engine.compile import compile_plan
from nftsim.model import parse_model

COLUMNS = {
    "model": "system",
    "nodes": "N",
    "stated_flops": "flops per node and step, all connections of the file, RK4 in four stages",
    "flops": "flops per node and step, equal things once, RK4 as an affine map",
    "integers": "integer operations per node and step (noise)",
    "bytes": "bytes per node and step, each row read or written once",
    "intensity": "flops / bytes",
    "level": "what holds all that a step of the sheet touches",
    "floor_ns": "least time per node and step [ns]",
    "fused_ns": "the same with products fused into sums [ns]",
    "bound": "what sets the floor",
    "ours_ns": "measured [ns]",
    "nftsim_ns": "NFTsim, measured [ns]",
    "over_floor": "ours_ns / floor_ns",
    "over_fused": "ours_ns / fused_ns",
    "gflops": "flops / ours_ns",
    "peak_share": "gflops / peak",
}


def floor(
    operations: Operations, size: float, machine: Machine, level: str, *, fused: bool
) -> tuple[float, str]:
    """Return the least seconds per node and step, and what sets it.

    Parameters
    ----------
    operations
        Per node and step.
    size
        Bytes per node and step.
    machine, level
        The peaks, and the level of memory that the bytes come from.
    fused
        Whether a product goes into the sum after it without an operation of its own.
    """
    count = operations.add + operations.mul + operations.integer
    count += operations.fma * (1 if fused else 2)
    times = {
        "arithmetic": count * machine.slot,
        "divisions": operations.div * machine.divide + operations.sqrt * machine.root,
        "bandwidth": size / machine.bandwidth[level],
    }
    bound = max(times, key=lambda name: times[name])
    return times[bound], bound


def roofline(summary: pd.DataFrame, machine: Machine) -> pd.DataFrame:
    """Return one row per system and sheet that was measured without output.

    Parameters
    ----------
    summary
        As `analysis.benchmark.summary.summarise` makes it.
    machine
        The peaks.
    """
    chosen = summary[(summary.suite == "sheets") & (summary.output == "none")]
    rows = []
    for (name, nodes), group in chosen.groupby(["model", "nodes"], sort=False):
        times = group.set_index("program").ns_per_node_step
        model = parse_model(conf(name, nodes, paper_steps()), name)
        plan = compile_plan(model)
        work, moved = merged(plan), traffic(plan)
        level = machine.level(moved * nodes)
        least, bound = floor(work, moved, machine, level, fused=False)
        strict, _ = floor(work, moved, machine, level, fused=True)
        ours = float(times["ours"])
        rows.append(
            {
                "model": name,
                "nodes": nodes,
                "stated_flops": stated(model).flops,
                "flops": work.flops,
                "integers": work.integer,
                "bytes": moved,
                "intensity": work.flops / moved,
                "level": level,
                "floor_ns": 1e9 * least,
                "fused_ns": 1e9 * strict,
                "bound": bound,
                "ours_ns": ours,
                "nftsim_ns": float(times.get("NFTsim", float("nan"))),
                "over_floor": ours / (1e9 * least),
                "over_fused": ours / (1e9 * strict),
                "gflops": work.flops / ours,
                "peak_share": 1e9 * work.flops / ours / machine.flops,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
