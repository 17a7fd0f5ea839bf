"""What pictures say of themselves: what they are of, and what is not as a reader would expect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis.drive import events, noisy
from analysis.figures import fig07_frames, power, series, snapshots, style, wavenumber_map
from analysis.figures.shown import Part
from nftsim.cli import main
from nftsim.engine.simulate import run_to_file
from nftsim.model import Model, load_model, parse_model

from .conftest import PULSES

NOISE = "  Stimulus: White - Onset: 0 Mean: 1 ASD: 1e-5\n"
WAKE = {"output.start": 0, "nodes": 144}


def _pulses(model: str = PULSES, **changes: object) -> Model:
    return load_model(parse_model(model, "pulses"), changes) if changes else parse_model(model, "p")


def _both() -> Model:
    """Noise and pulses at once."""
    return parse_model(PULSES.replace("Superimpose: 2\n", f"Superimpose: 3\n{NOISE}"), "both")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small runs."""
    folder = tmp_path_factory.mktemp("said")
    several = PULSES.replace("Node: 17 ", "Node: 16 17 32 33 ").replace("Time: 0.1", "Time: 0.06")
    run_to_file(parse_model(several, "several"), folder / "several.h5")
    run_to_file(parse_model(PULSES, "pulses"), folder / "pulses.h5")
    both = {"time": 12.0, "deltat": 1e-3, "output.interval": 5e-3}
    run_to_file(load_model("eirs-wake", {**WAKE, "time": 12.0}), folder / "wake.h5")
    text = PULSES.replace("Superimpose: 2\n", f"Superimpose: 3\n{NOISE}")
    text = text.replace("Time: 0.1 ", f"Time: {both['time']} ").replace(
        "Interval: 0.001", "Interval: 0.005"
    )
    run_to_file(parse_model(text, "both"), folder / "both.h5")
    run_to_file(load_model("eirs-wake", {**WAKE, "time": 2.0}), folder / "short.h5")
    strip = {**WAKE, "nodes": 24, "longside": 24, "time": 2.1}
    run_to_file(load_model("eirs-wake", strip), folder / "strip.h5")
    one = {"output.start": 0, "nodes": 1, "time": 1.0}
    run_to_file(load_model("eirs-wake", one), folder / "one.h5")
    click = {"nodes": 144, "time": 0.3, "output.node": "5,6"}
    run_to_file(load_model("eirs-aerp", click), folder / "click.h5")
    return folder


def _words(fig: Figure) -> str:
    """Return all that is written in a figure outside its axes' ticks."""
    legends = [axes.get_legend() for axes in fig.axes] + list(fig.legends)
    found = [t for legend in legends if legend for t in (*legend.get_texts(), legend.get_title())]
    found += [axes.title for axes in fig.axes] + [axes._left_title for axes in fig.axes]
    return "\n".join(t.get_text() for t in found)


# ---- what drives a run -------------------------------------------------------------------------


def test_what_acts_besides_noise() -> None:
    assert events(parse_model(PULSES, "p"), 0, 0.1) == ["PulseRect of population 2"]
    assert events(_both(), 0, 0.1) == ["PulseRect of population 2"]
    assert events(_both(), 0, 0.01) == []  # before the first
    assert events(_both(), 0.05, 0.1) == []  # after the last
    assert events(load_model("eirs-wake"), 5, 60) == []
    later = load_model("emirs")  # its constant input begins at 0.2 ms
    assert events(later, 0, 1) == ["Const of population 6"]
    assert events(later, 0.1, 1) == []


def test_whether_chance_has_a_part() -> None:
    assert [noisy(m) for m in (parse_model(PULSES, "p"), _both(), load_model("ei"))] == [
        False,
        True,
        False,
    ]
    silent = {"population.5.stimulus.1.asd": 0.0}
    assert not noisy(load_model("eirs-wake", silent))


# ---- spectra -----------------------------------------------------------------------------------


def test_pulses_that_theory_leaves_out_are_named(runs: Path, capsys, tmp_path: Path) -> None:
    drawn = power.draw_run(Part(runs / "both.h5"))
    assert "theory of the noise alone, without PulseRect of population 2" in _words(drawn.figure)
    assert any(
        "PulseRect of population 2, which the run has, is left out" in n for n in drawn.notes
    )
    main(["plot", str(runs / "both.h5"), "--kind", "spectrum", "-o", str(tmp_path / "a.png")])
    assert "warning: theory is of the noise alone" in capsys.readouterr().err
    late = power.draw_run(Part(runs / "both.h5", start=2.0))
    assert "alone" not in _words(late.figure) + "".join(late.notes)


def test_a_spectrum_says_of_what_it_is(runs: Path) -> None:
    part = Part(runs / "wake.h5")
    words = _words(power.draw_run(part).figure)
    assert "φ of propagator 1, volume conduction with k0 = 10 m⁻¹, segments of 4 s" in words
    assert "φ of propagator 1, no volume conduction" in _words(power.draw_run(part, k0=None).figure)
    assert "φ of propagator 1, volume conduction with k0 = 10 m⁻¹" in _words(
        power.draw_run(Part(runs / "pulses.h5")).figure
    )


def test_ratios_that_span_orders_of_magnitude_are_on_a_logarithmic_axis(tmp_path: Path) -> None:
    # the start, far from the fixed point, is at all frequencies far above the noise
    cold = {f"population.{i}.q": 1.0 for i in (1, 2, 3, 4)}
    run_to_file(load_model("eirs-wake", {**WAKE, **cold, "time": 6.0}), tmp_path / "cold.h5")
    drawn = power.draw_run(Part(tmp_path / "cold.h5", start=0.0), segment=1.0).figure
    assert drawn.axes[1].get_yscale() == "log"
    late = power.draw_run(Part(tmp_path / "cold.h5", start=2.0), segment=1.0).figure
    assert late.axes[1].get_yscale() == "linear"


def test_what_guards_found_in_the_run_is_said_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cold = {f"population.{i}.q": 1.0 for i in (1, 2, 3, 4)}
    run_to_file(load_model("eirs-wake", {**WAKE, **cold, "time": 3.0}), tmp_path / "cold.h5")
    capsys.readouterr()
    given = ["plot", str(tmp_path / "cold.h5"), "--kind", "series", "-o", str(tmp_path / "a.png")]
    assert main(given) == 0
    assert "cold.h5: the start is still felt" in capsys.readouterr().err


def test_a_series_around_a_node_says_that_it_is_a_deviation(runs: Path) -> None:
    fig = series.draw_run(runs / "wake.h5")
    assert "deviation from the mean over the sheet" in _words(fig)


def test_without_scores_there_is_no_panel_for_them(runs: Path) -> None:
    short = power.draw_run(Part(runs / "short.h5")).figure
    assert len(short.axes) == 2
    assert "insufficient data, and too few for scores" in _words(short)
    assert len(power.draw_run(Part(runs / "wake.h5")).figure.axes) == 3
    for axes in short.axes:
        assert axes.lines
    assert short.axes[1].get_ylim()[0] >= 0


def test_chance_has_an_interval_and_nothing_else_has(runs: Path) -> None:
    fixed = power.draw_run(Part(runs / "pulses.h5"))
    assert not fixed.figure.axes[0].collections
    assert "no interval: no noise acts" in _words(fixed.figure)
    assert any("no noise acts in the run" in note for note in fixed.notes)
    some = power.draw_run(Part(runs / "click.h5"))
    assert not some.figure.axes[0].collections
    noise = power.draw_run(Part(runs / "one.h5"))
    assert noise.figure.axes[0].collections


# ---- the k-ω map -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["eirs-wake", "eirs-spindle", "e-erps"])
def test_lines_of_theory_have_no_gaps(name: str) -> None:
    branches = wavenumber_map.waves(load_model(name), "propagator.1.phi", 150.0)
    assert branches
    for k, frequency in branches:
        (there,) = np.nonzero(np.isfinite(frequency))
        assert len(k) == len(frequency) == wavenumber_map.POINTS
        assert (np.diff(there) == 1).all()
        # an end within the map lies on the axis
        ends = [frequency[i] for i in (there[0], there[-1]) if 0 < i < len(k) - 1]
        assert all(end < 0.5 for end in ends)


def test_a_shorter_segment_is_said(runs: Path, capsys, tmp_path: Path) -> None:
    part = Part(runs / "both.h5", stop=2.0)
    drawn = wavenumber_map.draw_run(part)
    assert "segments of 0.5 s" in _words(drawn.figure)
    (note,) = drawn.notes
    assert "the record of 2 s is cut into segments of 0.5 s, shorter than the usual 4 s" in note
    assert not wavenumber_map.draw_run(part, segment=0.5).notes
    given = ["--stop", "2", "-o", str(tmp_path / "a.png")]
    main(["plot", str(runs / "both.h5"), "--kind", "kw", *given])
    assert "warning: the record of 2 s is cut" in capsys.readouterr().err


# ---- series ------------------------------------------------------------------------------------


def test_a_stimulus_at_several_nodes_is_shown(runs: Path) -> None:
    fig = series.draw_run(runs / "several.h5")
    first, second = (axes.get_title(loc="left") for axes in fig.axes)
    assert first == "(a)  positive stimulus, 4 nodes, here node 32"
    assert second == "(b)  negative stimulus, node 104"
    # node 17 is in its row, and beside it over the seam; 16 and 33 are in others
    coloured = [line for line in fig.axes[0].lines if line.get_color() == style.POSITIVE]
    assert len(coloured) == 3  # both, and when it begins
    assert "node of a positive stimulus" in _words(fig)
    assert "stimulus begins" in _words(fig)


def test_every_series_has_a_legend(runs: Path) -> None:
    for run, words in {
        "one": ["node 1"],
        "click": ["all nodes", "stimulus begins"],
        "wake": ["node 79", "node named above", "nodes beside it along x"],
        "pulses": ["node of a positive stimulus", "node of a negative stimulus"],
    }.items():
        said = _words(series.draw_run(runs / f"{run}.h5"))
        assert all(word in said for word in words), said
    named = _words(series.draw_run(runs / "pulses.h5", nodes=[17]))
    assert "node 17" in named
    assert "all nodes" not in named
    many = _words(series.draw_run(runs / "pulses.h5", ["propagator.1.phi"] * 2))
    assert "φ of propagator 1, the first 8 of 192 nodes" in many


def test_the_beginning_of_a_stimulus_is_marked(runs: Path) -> None:
    (axes,) = series.draw_run(runs / "click.h5").axes
    assert [1e3 * 0.125] * 2 in [list(line.get_xdata()) for line in axes.lines]


# ---- pictures in space -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "step", "expected"),
    [
        ([2.02], 5e-3, 2),
        ([2.0, 2.02], 5e-3, 2),
        ([2.0, 3.0], 5e-3, 0),
        ([2.005], 5e-3, 3),
        ([46.875], 0.9765625, 1),
        ([0.2441, 0.4883], 0.2441, 2),
    ],
)
def test_a_time_says_which_sample_it_is(times: list[float], step: float, expected: int) -> None:
    assert style.decimals(times, step) == expected


def test_a_single_row_has_its_time_and_the_whole_label(runs: Path) -> None:
    data = snapshots.read(runs / "strip.h5", "propagator.1.phi", [2.02])
    assert data.titles() == ["t = 2.02 s"]
    for times in ([2.02], [1.0, 2.02]):
        fig = snapshots.draw(
            snapshots.read(runs / "strip.h5", "propagator.1.phi", times), "propagator.1.phi"
        )
        fig.draw_without_rendering()
        label = fig.axes[-1].yaxis.label.get_window_extent()
        assert "φ of propagator 1" in fig.axes[-1].get_ylabel()
        assert label.y0 >= 0
        assert label.y1 <= fig.bbox.height
        assert label.x1 <= fig.bbox.width


@pytest.mark.parametrize("shape", [(12, 12), (8, 12), (5, 32), (60, 12)])
def test_ticks_of_surfaces_do_not_overlap(shape: tuple[int, int]) -> None:
    ny, nx = shape
    waves = np.random.default_rng(1).normal(size=(1, ny, nx))
    fig = fig07_frames.surfaces(fig07_frames.Frames(np.array([1.0]), waves, (0.5 * ny / nx, 0.5)))
    fig.draw_without_rendering()
    solid, plan, _ = fig.axes
    ends = {"x": 50.0, "y": 50.0 * ny / nx}
    boxes = []
    for axes in (solid, plan):
        for name, end in ends.items():
            ticks = getattr(axes, f"{name}axis").get_major_ticks()
            labels = [tick.label1 for tick in ticks if 0 <= tick.get_loc() <= end]
            boxes += [label.get_window_extent() for label in labels if label.get_text()]
    assert len(boxes) >= 7
    for i, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[i + 1 :])
        assert one.y0 >= 0


def test_legends_leave_the_panels_their_width(runs: Path) -> None:
    """A legend wider than the figure would squeeze what it stands above."""
    for run in ("both", "wake", "short", "click", "pulses"):
        fig = power.draw_run(Part(runs / f"{run}.h5")).figure
        fig.draw_without_rendering()
        legend = fig.axes[0].get_legend()
        assert legend is not None
        assert legend.get_window_extent().x1 <= fig.bbox.width
        assert fig.axes[0].get_position().width > 0.7
