"""Where linear theory has nothing to compare with, the verdict is ``none``, with the reason."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.agreement import judge, read_comparison, write_comparison
from analysis.comparable import prediction_of
from analysis.figures import agreement, fig10_spectrum
from analysis.predicted import Prediction
from analysis.spectra import field_spectrum
from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.saturation import saturated
from workflow.lib.theory import read_theory, write_theory
from workflow.lib.verdict import in_short

FIELD = "propagator.1.phi"


def theory(**changes: Any) -> Prediction:
    """Return what theory says of a wake model with these changes, at its lowest stable point."""
    given = {path.replace("__", "."): value for path, value in changes.items()}
    model = load_model("eirs-wake", {"nodes": 144, **given})
    states = steady_states(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return prediction_of(states, 0, FIELD, k0=10.0, interval=5e-3)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, ""),
        ({"coupling__9__nu": 0.0029}, "the only stable fixed point (3 of 3, 340 s^-1) is satur"),
        ({"population__5__stimulus__1__asd": 1e-18}, "no more than rounding"),
    ],
)
def test_saturation_and_rounding_leave_nothing_to_compare(changes: Any, word: str) -> None:
    reason = theory(**changes).reason
    assert reason.startswith(word) if word.startswith("the") else word in reason
    assert bool(reason) == bool(word)


def test_only_populations_between_noise_and_trace_count() -> None:
    model = load_model("eirs-wake")
    point = steady_states(model).fixed_points[1]  # there only the reticular one is saturated
    assert saturated(model, point) == [2]
    (trace,) = model.parse_trace(FIELD)
    assert saturated(model, point, trace) == [2]
    quiet = replace(model, connections=tuple(c for c in model.connections if c.pre != 2))
    (trace,) = quiet.parse_trace(FIELD)
    assert saturated(quiet, point, trace) == []


@pytest.fixture
def none(tmp_path: Path) -> tuple[Any, Any]:
    """A spectrum, and its comparison with a theory that has nothing to say, through files."""
    prediction = replace(theory(), reason="it is saturated")
    write_theory(tmp_path / "theory.h5", prediction, FIELD)
    data = np.random.default_rng(1).standard_normal((2000, 4, 4))
    spectrum = field_spectrum(data, 5e-3, (0.5, 0.5), segment=1.0, k0=None)
    found = judge(spectrum, read_theory(tmp_path / "theory.h5"), bands=[[2, 5], [5, 8]])
    write_comparison(found, tmp_path / "c.json", tmp_path / "c.csv")
    return spectrum, read_comparison(tmp_path / "c.json")


def test_the_verdict_is_none_with_the_reason(none: tuple[Any, Any]) -> None:
    _, found = none
    assert found.verdict == "none"
    assert found.reason == "it is saturated"
    assert [b.verdict for b in found.bands] == ["none"] * 2
    assert not any(np.isfinite(b.ratio) for b in found.bands)
    assert in_short(found) == "no verdict: it is saturated"


@pytest.mark.parametrize("figure", [agreement, fig10_spectrum])
def test_figures_show_what_was_measured_and_say_why_no_more(
    none: tuple[Any, Any], figure: Any
) -> None:
    given = (*none, theory()) if figure is agreement else (*none, [1.0], [1.0])
    fig = figure.draw(*given)
    (axes,) = fig.axes
    assert "No verdict: it is saturated" in fig.get_suptitle()
    assert [line.get_label() for line in axes.lines] == ["simulated"]
    assert "No verdict: it is saturated." in figure.caption(*none)
