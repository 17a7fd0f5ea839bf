"""Every model of the library has a thumbnail, drawn from runs that the configuration makes."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from matplotlib.colors import to_hex

from analysis.figures import thumbnails
from nftsim.errors import NftsimError
from nftsim.model import library, load_model
from nftsim.model.model import Trace

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text())


def traces_of(view):
    """Names of the traces that a view reads."""
    if isinstance(view, thumbnails.Strength):
        return [f"coupling.{view.coupling}.nu"]
    return [view.trace] if isinstance(view, thumbnails.Frame) else list(view.traces)


class FakeRun:
    """Two seconds of a 10 Hz wave around the level of each trace, on 2 x 3 nodes."""

    interval = 1e-3

    def __init__(self, model):
        self.model = model
        self.time = self.interval * np.arange(1, 4001)

    def trace(self, name, start=0, stop=None):
        level = 1.3e-5 if name.startswith("coupling") else 5.0
        ripple = 1 + 0.01 * np.sin(20 * np.pi * self.time)[:, None, None]
        nodes = 1 + 0.01 * np.arange(6).reshape(2, 3)
        return (level * ripple * nodes)[start:stop]

    def extent(self, _name):
        return (0.2, 0.3)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


@pytest.fixture
def runs(monkeypatch):
    """Open a run of the model that its path names."""
    monkeypatch.setattr(thumbnails, "open_run", lambda path: FakeRun(load_model(path)))


def test_every_model_of_the_library_has_a_view():
    assert set(thumbnails.VIEWS) == set(library())


@pytest.mark.parametrize("name", sorted(thumbnails.VIEWS))
def test_traces_exist_and_the_configuration_saves_them(name):
    model = load_model(name)
    shown = CONFIG["figures"]["thumbnails"][name]
    for trace in traces_of(thumbnails.VIEWS[name]):
        kind, index, quantity = trace.split(".")
        assert Trace(kind, int(index), quantity) in model.traces_of(kind, int(index))
        for experiment in shown:
            settings = CONFIG["experiments"][experiment]
            assert settings["model"] == name
            assert trace in settings["traces"]


@pytest.mark.parametrize("name", sorted(thumbnails.VIEWS))
@pytest.mark.usefixtures("runs")
def test_thumbnail_is_drawn_with_units_and_distinct_curves(name):
    fig = thumbnails.draw(name, [name, name])
    fig.draw_without_rendering()
    axes = fig.axes[0]
    for label in (axes.get_xlabel(), axes.get_ylabel()):
        assert label.endswith(")"), f"no unit in '{label}'"
    curves = [line for line in axes.lines if not line.get_label().startswith("_")]
    looks = {(to_hex(line.get_color()), str(line._unscaled_dash_pattern)) for line in curves}
    assert len(looks) == len(curves)
    assert thumbnails.caption(name, [name]).startswith(f"{name}. ")


@pytest.mark.usefixtures("runs")
def test_a_spectrum_peaks_where_the_field_oscillates():
    assert "propagator.1.phi 10 Hz" in thumbnails.caption("eirs-wake", ["eirs-wake"])
    (line,) = thumbnails.draw("eirs-wake", ["eirs-wake"]).axes[0].lines
    frequency, power = line.get_data()
    assert frequency[power.argmax()] == pytest.approx(10)
    variance = np.var(FakeRun(None).trace("pop.1.q"), axis=0).mean()
    assert power.sum() * (frequency[1] - frequency[0]) == pytest.approx(variance, rel=0.01)


@pytest.mark.usefixtures("runs")
def test_a_change_starts_at_zero_and_a_strength_near_a_hundred():
    for line in thumbnails.draw("emirs", ["emirs"]).axes[0].lines:
        assert line.get_ydata()[0] == 0
    first = thumbnails.draw("tms-bcm", ["tms-bcm"]).axes[0].lines[0]
    assert first.get_ydata().mean() == pytest.approx(100)


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("tms-cadp", {}, ("1 Hz", 30.2)),
        ("tms-bcm", {}, ("continuous", 40)),
        (
            "tms-bcm",
            {"population.1.stimulus.1.off": 8, "population.1.stimulus.1.duration": 190},
            ("intermittent", 190),
        ),
    ],
)
def test_protocols_have_names_and_ends(name, changes, expected):
    label, lasts = thumbnails.protocol(load_model(name, changes))
    assert (label, lasts) == (expected[0], pytest.approx(expected[1]))


def test_what_has_no_thumbnail_is_refused():
    with pytest.raises(NftsimError, match="no view of 'eirs-wak'"):
        thumbnails.draw("eirs-wak", [])
    with pytest.raises(NftsimError, match="no PulseRect or Burst"):
        thumbnails.protocol(load_model("eirs-wake"))


@pytest.mark.parametrize("name", sorted(library()))
def test_the_page_of_models_shows_each_small_enough_to_keep(name):
    docs = Path(__file__).parents[2] / "docs"
    assert f"](figures/models/{name}.png) | **`{name}`**" in (docs / "models.md").read_text()
    size = (docs / "figures" / "models" / f"{name}.png").stat().st_size
    assert 0 < size < 100_000
