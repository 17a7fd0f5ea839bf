"""The figures of the benchmark: time against nodes, the roofline, and how cost grows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from analysis.benchmark.machine import Machine
from analysis.figures.style import COLOURS, PAGE, PURE, figure, panel_letter, styled

#: Marker of a system, so that systems differ without colour too.
SYSTEM_MARKERS = {"E": "o", "EI": "s", "EIRS": "^"}
SYSTEM_COLOURS = {"E": COLOURS["orange"], "EI": COLOURS["green"], "EIRS": COLOURS["blue"]}
#: Angle of a line of slope 1 in the figure of the roofline [degrees].
_SLOPE = 23.4
#: Line of a program; the markers of ours are filled.
_PROGRAMS = {"ours": "-", "NFTsim": "--"}


@styled
def against_nodes(summary: pd.DataFrame, roof: pd.DataFrame) -> Figure:
    """Draw the time of a node's step against the size of the sheet, without and with output.

    Parameters
    ----------
    summary
        As `analysis.benchmark.summary.summarise` makes it.
    roof
        As `analysis.benchmark.roofline.roofline` makes it, for the floor.
    """
    fig = figure(PAGE, 8.0)
    panels: Any = fig.subplots(1, 3)
    for i, (output, title) in enumerate(
        {"none": "nothing written", "three": "three fields written, 512 Hz"}.items()
    ):
        axes = panels[i]
        _times(axes, summary[(summary.suite == "sheets") & (summary.output == output)])
        if output == "none" and len(roof):
            at = roof[roof.model == "EIRS"]
            axes.plot(
                at.nodes, at.floor_ns, ":", color=COLOURS["grey"], label="EIRS, least possible"
            )
        axes.set_ylabel("Time per node and step (ns)")
        axes.set_title(f"{panel_letter(i)} {title}", loc="left")
    low = min(axes.get_ylim()[0] for axes in panels[:2])
    high = max(axes.get_ylim()[1] for axes in panels[:2])
    for axes in panels[:2]:
        axes.set_ylim(low, high)
    _ratios(panels[2], summary)
    panels[2].set_title(f"{panel_letter(2)} NFTsim / ours", loc="left")
    for axes in panels:
        _nodes_axis(axes, summary.nodes[summary.suite == "sheets"])
    handles, labels = panels[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=4)
    return fig


def _times(axes: Axes, at: pd.DataFrame) -> None:
    for (model, program), group in at.groupby(["model", "program"], sort=False):
        face = SYSTEM_COLOURS[model] if program == "ours" else "white"
        group = group.sort_values("nodes")
        error = [group.ns_per_node_step - group.ns_low, group.ns_high - group.ns_per_node_step]
        axes.errorbar(
            group.nodes,
            group.ns_per_node_step,
            error,
            marker=SYSTEM_MARKERS[model],
            markerfacecolor=face,
            linestyle=_PROGRAMS[program],
            markersize=3.5,
            elinewidth=0.6,
            color=SYSTEM_COLOURS[model],
            label=f"{model}, {program}",
        )
    axes.set_yscale("log")


def _ratios(axes: Axes, summary: pd.DataFrame) -> None:
    sheets = summary[summary.suite == "sheets"]
    for (model, output), group in sheets.groupby(["model", "output"], sort=False):
        times = group.pivot(index="nodes", columns="program", values="ns_per_node_step")
        if "NFTsim" not in times:
            continue
        filled = output == "none"
        axes.plot(
            times.index,
            times["NFTsim"] / times["ours"],
            marker=SYSTEM_MARKERS[str(model)],
            linestyle="-" if filled else "--",
            markerfacecolor=SYSTEM_COLOURS[model] if filled else "white",
            markersize=3.5,
            color=SYSTEM_COLOURS[model],
        )
    axes.set_ylabel(f"Ratio of times ({PURE})")
    axes.set_ylim(bottom=0)
    if axes.lines:
        styles: dict[Any, str] = {"-": "nothing written", "--": "three fields"}
        lines = [
            Line2D([], [], color=COLOURS["black"], linestyle=s, label=n) for s, n in styles.items()
        ]
        axes.legend(handles=lines, loc="best", fontsize=7)
    else:
        axes.text(0.5, 0.5, "no NFTsim was given", transform=axes.transAxes, ha="center")


def _nodes_axis(axes: Axes, nodes: pd.Series) -> None:
    # one node beside large sheets: logarithmic from 100 on
    axes.set_xscale("symlog", linthresh=100, linscale=0.4)
    most = max(nodes.max(), 144) if len(nodes) else 144
    axes.set_xlim(-5, 1.5 * most)
    axes.set_xticks([n for n in (1, 144, 1024, 4096, 16384) if n <= most])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks([], minor=True)
    axes.tick_params(axis="x", labelsize=7)
    axes.set_xlabel("Nodes")


@styled
def roofline(roof: pd.DataFrame, machine: Machine) -> Figure:
    """Draw flops per second against flops per byte, under the peaks of the machine.

    Parameters
    ----------
    roof
        As `analysis.benchmark.roofline.roofline` makes it.
    machine
        The peaks.
    """
    fig = figure(PAGE * 0.62, 8.5)
    axes = fig.add_subplot()
    intensity = np.geomspace(0.1, 10, 200)
    peak = machine.flops / 1e9
    for level, bandwidth in machine.bandwidth.items():
        roofs = np.minimum(intensity * bandwidth / 1e9, peak)
        axes.plot(intensity, roofs, color=COLOURS["grey"], linewidth=0.8)
        x = 0.12
        label = f"{level}, {bandwidth / 1e9:.0f} GB/s"
        axes.text(x, x * bandwidth / 1e9 * 1.1, label, fontsize=7, color=COLOURS["grey"],
                  rotation=_SLOPE, rotation_mode="anchor")  # fmt: skip
    axes.text(9.5, peak * 1.08, f"multiply-adds, {peak:.0f} Gflop/s", fontsize=7,
              color=COLOURS["grey"], ha="right")  # fmt: skip
    for model, group in roof[roof.nodes > 1].groupby("model", sort=False):
        for column, name in (("ours_ns", "ours"), ("nftsim_ns", "NFTsim")):
            speed = group.flops / group[column]
            if speed.isna().all():
                continue
            size = 8 + 8 * np.log2(group.nodes / 72)
            axes.scatter(
                group.intensity, speed, size, marker=SYSTEM_MARKERS[str(model)],
                facecolor="none" if name == "NFTsim" else SYSTEM_COLOURS[str(model)],
                edgecolor=SYSTEM_COLOURS[str(model)], linewidth=0.8, alpha=0.8,
                label=f"{model}, {name}", zorder=3,
            )  # fmt: skip
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(0.1, 10),
        ylim=(0.1, 2 * peak),
        xlabel="Arithmetic intensity (flop per byte)",
        ylabel="Useful operations (Gflop/s)",
    )
    if axes.collections:
        axes.legend(loc="lower right", title="the larger the more nodes", title_fontsize=7.5)
    return fig


@styled
def growth(summary: pd.DataFrame) -> Figure:
    """Draw how the cost of ours grows with delays, threads and members, and what merging saves.

    Parameters
    ----------
    summary
        As `analysis.benchmark.summary.summarise` makes it.
    """
    drawn = [s for s in ("merging", "delays", "threads", "ensembles") if s in set(summary.suite)]
    fig = figure(PAGE * max(2, len(drawn)) / 4, 5.8)
    panels: Any = fig.subplots(1, max(1, len(drawn)), squeeze=False)[0]
    for i, suite in enumerate(drawn):
        axes, at = panels[i], summary[summary.suite == suite]
        if suite == "merging":
            _merging(axes, at)
        elif suite == "delays":
            _curves(axes, at, "max_tau_s", 1e3, "Longest delay (ms)")
        elif suite == "threads":
            _threads(axes, at)
        else:
            _curves(axes, at, "members", 1, "Members")
            axes.set_xscale("log", base=2)
            axes.set_xticks([1, 4, 16, 64, 256])
            axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
            axes.set_ylabel("Time per member, node, step (ns)")
        axes.set_title(f"{panel_letter(i)} {suite}, EIRS", loc="left")
    return fig


def _merging(axes: Axes, at: pd.DataFrame) -> None:
    for merge, name, line in ((False, "all connections", "--"), (True, "merged", "-")):
        group = at[(at["merge"] == merge) & (at.model == "EIRS") & (at.nodes > 1)]
        group = group.sort_values("nodes")
        axes.plot(group.nodes, group.ns_per_node_step, "o", linestyle=line, markersize=3.5,
                  color=SYSTEM_COLOURS["EIRS"], label=name)  # fmt: skip
    axes.set(xscale="log", xlabel="Nodes", ylabel="Time per node and step (ns)")
    _from_zero(axes)
    axes.set_xticks([n for n in (144, 1024, 16384) if n in set(at.nodes)])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.legend(loc="best", fontsize=7)


def _curves(axes: Axes, at: pd.DataFrame, column: str, scale: float, label: str) -> None:
    palette = [COLOURS[name] for name in ("blue", "orange", "green", "red", "purple", "sky")]
    for (nodes, group), colour, marker in zip(at.groupby("nodes"), palette, "os^vDP", strict=False):
        group = group.sort_values(column)
        axes.plot(scale * group[column], group.ns_per_node_step, marker=marker, markersize=3.5,
                  color=colour, label=f"{nodes} node{'s' if nodes != 1 else ''}")  # fmt: skip
    axes.set(xlabel=label, ylabel="Time per node and step (ns)")
    _from_zero(axes)
    if axes.lines:
        axes.legend(loc="best", fontsize=7)


def _threads(axes: Axes, at: pd.DataFrame) -> None:
    palette = [COLOURS[name] for name in ("blue", "orange", "green", "red", "purple", "sky")]
    for (nodes, group), colour, marker in zip(at.groupby("nodes"), palette, "os^vDP", strict=False):
        group = group.sort_values("threads")
        axes.plot(group.threads, group.ns_per_node_step.iloc[0] / group.ns_per_node_step,
                  marker=marker, markersize=3.5, color=colour, label=f"{nodes} nodes")  # fmt: skip
    if axes.lines:
        most = at.threads.max()
        axes.plot([1, most], [1, most], ":", color=COLOURS["grey"], label="ideal")
        axes.legend(loc="best", fontsize=7)
        axes.set_xticks(sorted(at.threads.unique()))
    axes.set(xlabel="Threads", ylabel=f"Speed-up ({PURE})")
    _from_zero(axes)


def _from_zero(axes: Axes) -> None:
    axes.set_ylim(0, 1.05 * axes.get_ylim()[1])
