"""Runs as EEG in MNE-Python: data, positions, events, spectra."""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nftsim
from analysis.eeg import (
    HEAD_RADIUS,
    head_positions,
    sheet_places,
    sites_1020,
    sites_grid,
    stimulus_events,
    to_mne,
)
from analysis.field import Field, make_field, read_field
from analysis.scalp import scalp
from analysis.spectra import field_spectrum
from nftsim.errors import NftsimError
from nftsim.model import Model

INTERVAL, EXTENT = 4e-3, (0.4, 0.6)


@pytest.fixture(scope="module")
def mne() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of on import is not for us to mend
        return pytest.importorskip("mne", reason="MNE-Python (extra 'eeg') is not installed")


@pytest.fixture
def field() -> Field:
    values = np.random.default_rng(11).normal(8, 1, (2000, 8, 12))
    return make_field(values, INTERVAL, EXTENT, name="propagator.1.phi", units="s⁻¹", start=1.0)


# sites and positions ------------------------------------------------------------------------------


def test_sites_of_the_10_20_system_lie_where_their_names_say() -> None:
    sites = sites_1020(EXTENT)
    assert len(sites) == 19
    assert sites["Cz"] == pytest.approx((0.2, 0.3))
    # 2 is across the middle from 1, and so on
    for left, right in (("Fp1", "Fp2"), ("F3", "F4"), ("F7", "F8"), ("C3", "C4"), ("T7", "T8")):
        assert sites[left][0] == pytest.approx(sites[right][0])
        assert sites[left][1] + sites[right][1] == pytest.approx(0.6)
    assert sites["Fp1"][0] > sites["F3"][0] > sites["C3"][0] > sites["P3"][0] > sites["O1"][0]
    # 20% of the way from ear to ear, and of the sheet's half from the middle to the edge 40%
    assert sites["C4"] == pytest.approx((0.2, 0.3 + 0.4 * 0.3))
    assert sites["Fz"] == pytest.approx((0.2 + 0.4 * 0.2, 0.3))
    head = dict(zip(sites, head_positions(list(sites.values()), EXTENT), strict=True))
    middle = head["F7"] + head["Fz"]
    np.testing.assert_allclose(head["F3"], HEAD_RADIUS * middle / np.linalg.norm(middle))


def test_neighbours_of_the_template_of_mne_are_neighbours_here(mne: Any) -> None:
    # that template has its ring lower on the head: the same directions seen from above
    template = mne.channels.make_standard_montage("easycap-M1").get_positions()["ch_pos"]
    sites = sites_1020((0.5, 0.5))
    for name, here in zip(sites, head_positions(list(sites.values()), (0.5, 0.5)), strict=True):
        there = template[name]
        if name != "Cz":
            turn = np.arctan2(here[0], here[1]) - np.arctan2(there[0], there[1])
            assert abs(np.angle(np.exp(1j * turn))) < np.radians(6)


def test_the_way_to_the_head_and_back() -> None:
    places = np.random.default_rng(1).uniform(0, EXTENT, (50, 2))
    head = head_positions(places, EXTENT)
    np.testing.assert_allclose(np.linalg.norm(head, axis=1), HEAD_RADIUS, rtol=1e-13)
    np.testing.assert_allclose(sheet_places(head, EXTENT), places, atol=1e-13)
    # the middle is the vertex, +y the front, +x right, the middle of an edge at the equator
    found = head_positions([(0.2, 0.3), (0.4, 0.3), (0.2, 0.6)], EXTENT) / HEAD_RADIUS
    np.testing.assert_allclose(found, [[0, 0, 1], [0, 1, 0], [1, 0, 0]], atol=1e-15)


def test_a_grid_goes_evenly_round_the_sheet() -> None:
    sites = sites_grid(EXTENT, 2, 3)
    assert list(sites) == ["Y1X1", "Y1X2", "Y1X3", "Y2X1", "Y2X2", "Y2X3"]
    assert sites["Y1X1"] == pytest.approx((0.1, 0.1))
    assert sites["Y2X3"] == pytest.approx((0.3, 0.5))


# the recording ------------------------------------------------------------------------------------


def test_data_frequency_units_and_positions_go_round(mne: Any, field: Field) -> None:
    sites = {"left": (0.1, 0.05), "right": (0.33, 0.6)}
    raw = to_mne(field, sites=sites)
    assert raw.ch_names == ["left", "right"]
    assert set(raw.get_channel_types()) == {"eeg"}
    assert raw.info["sfreq"] == pytest.approx(1 / INTERVAL, rel=1e-12)
    expected = 1e-6 * scalp(field, k0=10.0, sites=sites).values.T
    np.testing.assert_allclose(raw.get_data(units="V"), expected, rtol=1e-12)
    np.testing.assert_allclose(raw.get_data(units="uV"), 1e6 * expected, rtol=1e-12)
    np.testing.assert_allclose(raw.times, field.time - 1.0, atol=1e-9)
    assert "1e-06 V per s^-1" in raw.info["description"]
    found = raw.get_montage().get_positions()
    assert found["coord_frame"] == "head"
    head = np.array([found["ch_pos"][name] for name in sites])
    np.testing.assert_allclose(sheet_places(head, EXTENT), list(sites.values()), atol=1e-7)


def test_a_file_of_mne_holds_all_of_it(mne: Any, pulsed: nftsim.Run, tmp_path: Path) -> None:
    raw = to_mne(pulsed)
    raw.save(tmp_path / "run_raw.fif", fmt="double", verbose=False)
    again = mne.io.read_raw_fif(tmp_path / "run_raw.fif", verbose=False)
    np.testing.assert_allclose(again.get_data(), raw.get_data(), rtol=1e-12)
    assert again.info["sfreq"] == raw.info["sfreq"]
    assert list(again.annotations.description) == list(raw.annotations.description)
    np.testing.assert_allclose(again.annotations.onset, raw.annotations.onset, atol=1e-6)
    for mine, other in zip(raw.info["chs"], again.info["chs"], strict=True):
        np.testing.assert_allclose(mine["loc"], other["loc"], atol=1e-7)


def test_the_spectrum_is_ours(mne: Any, field: Field) -> None:
    sites = {"one": (0.11, 0.07), "two": (0.25, 0.41)}
    raw = to_mne(field, sites=sites, gain=2e-6)
    found = raw.compute_psd(
        "welch", n_fft=500, n_per_seg=500, n_overlap=250, window="hann", verbose=False
    )
    seen = scalp(field, k0=10.0, sites=sites)
    for channel, power in enumerate(found.get_data()):
        series = seen.values[:, channel, None, None]
        ours = field_spectrum(series, INTERVAL, (1.0, 1.0), segment=500 * INTERVAL, k0=None)
        np.testing.assert_allclose(found.freqs, ours.frequency, rtol=1e-12)
        np.testing.assert_allclose(power[1:-1], 4e-12 * ours.power[1:-1], rtol=1e-9)


def test_without_the_skull_it_is_the_field_at_the_node(mne: Any, field: Field) -> None:
    raw = to_mne(field, sites={"node": (0.125, 0.375)}, k0=None, gain=1.0)
    np.testing.assert_allclose(raw.get_data()[0], field.values[:, 2, 7], rtol=1e-11)


@pytest.fixture(scope="module")
def pulsed() -> nftsim.Run:
    changes = {
        "output.start": 2**-7,
        "output.interval": 2**-10,
        "output.traces": "propagator.1.phi",
    }
    return nftsim.simulate("e-erps", duration=0.1, seed=1, overrides=changes)


def test_onsets_of_stimuli_are_annotations(mne: Any, pulsed: nftsim.Run) -> None:
    raw = to_mne(pulsed, sites=(2, 2))
    first = pulsed.time[0]
    stimuli = pulsed.model.populations[1].stimuli
    expected = {
        f"population.2.stimulus.{j}": s.onset - first
        for j, s in enumerate(stimuli, start=1)
        if first <= s.onset <= pulsed.time[-1]
    }
    assert len(expected) >= 1
    found = dict(zip(raw.annotations.description, raw.annotations.onset, strict=True))
    assert found == pytest.approx(expected, abs=1e-6)  # it keeps microseconds
    events, names = mne.events_from_annotations(raw, verbose=False)
    assert set(names) == set(expected)
    for sample, _, number in events:
        name = next(n for n, i in names.items() if i == number)
        assert raw.times[sample] == pytest.approx(expected[name], abs=0.6e-3)


def test_a_train_of_pulses_has_an_event_for_each(pulses: Model) -> None:
    stimuli = pulses.populations[1].stimuli
    train: Any = stimuli[0]
    many = [replace(train, pulses=4.0, frequency=25.0), stimuli[1]]
    model = replace(
        pulses,
        populations=(pulses.populations[0], replace(pulses.populations[1], stimuli=tuple(many))),
    )
    events = stimulus_events(model, 0.02, 0.1)
    assert [name[-1] for _, name in events] == ["1", "2", "1", "1"]
    np.testing.assert_allclose([t for t, _ in events], [0.02, 0.04, 0.06, 0.1], rtol=1e-9)


def test_files_give_the_same_as_runs(mne: Any, pulsed: nftsim.Run, tmp_path: Path) -> None:
    expected = to_mne(pulsed, start=0.02)
    for name in ("run.h5", "run.output"):
        pulsed.save(tmp_path / name)
        found = to_mne(tmp_path / name, start=0.02)
        np.testing.assert_allclose(found.get_data(), expected.get_data(), rtol=1e-12)
        assert list(found.annotations.onset) == list(expected.annotations.onset)


# bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sites": "10-10"}, "unknown sites '10-10'. Allowed: '10-20', .* Did you mean '10-20'"),
        ({"sites": (0, 3)}, "a grid of 0 x 3 has no sites"),
        ({"sites": {}}, "no site given; give at least one"),
        ({"sites": {"A": (0.1, 0.7)}}, "A at y = 0.1, x = 0.7 m is not on the sheet"),
        ({"gain": 0.0}, "gain = 0.0 V is out of bounds"),
        ({"k0": -1.0}, "k0 = -1 rad/m; it must be above 0"),
    ],
)
def test_bad_input_is_one_line(mne: Any, field: Field, changes: Any, message: str) -> None:
    with pytest.raises(NftsimError, match=message) as caught:
        to_mne(field, **changes)
    assert "\n" not in str(caught.value)


def test_a_trace_in_another_unit_needs_a_gain(mne: Any, field: Field) -> None:
    strange = replace(field, units="mol/l")
    with pytest.raises(NftsimError, match="is in mol/l; give 'gain', the volts for one unit"):
        to_mne(strange)
    assert to_mne(strange, gain=1.0).get_data().shape == (19, 2000)


def test_nodes_that_are_missing_are_named(mne: Any, pulsed: nftsim.Run) -> None:
    with pytest.raises(NftsimError, match="this needs all of them"):
        to_mne(read_field(pulsed, nodes=[1, 2, 3]))
    with pytest.raises(NftsimError, match=r"Did you mean 'propagator.1.phi'"):
        to_mne(pulsed, "propagator.1.phj")


def test_without_mne(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mne", None)
    with pytest.raises(NftsimError, match=r"needs MNE-Python; run: pip install 'nftsim\[eeg\]'"):
        to_mne(field)
