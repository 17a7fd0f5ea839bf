"""Bad input that only a component knows to be bad: one line with place, finding and remedy."""

from __future__ import annotations

import re

import pytest

from nftsim.errors import ModelError
from nftsim.model import parse_model
from nftsim.model.checks import check

from .sound import NAME, SOUND, Keys, changed, conf, declared, refusal

pytestmark = pytest.mark.usefixtures("folder")

#: Role, component, keys that are changed, and what the message says.
FAULTS: list[tuple[str, str, Keys, str]] = [
    # propagators
    ("propagator", "Map", {"Tau": "1e9"}, r"Tau = 1e\+09 s is 1e\+12 steps .*; use at most"),
    ("propagator", "Map", {"Tau": "20 ms"}, "Tau: found '20 ms'; write a plain number in s"),
    ("propagator", "Wave", {"gamma": "501"}, "gamma = 501 s.* Deltat <= 1/.2 gamma. = 0.000998"),
    ("propagator", "Harmonic", {"gamma": "600"}, "gamma = 600 .* not resolved by Deltat = 0.001 s"),
    ("propagator", "Wave", {"Range": "0.1"}, "Range = 0.1 m is not resolved by the grid spacing"),
    ("propagator", "Wave", {"Range": "1e-200"}, r"use at least 1e\+200|use at least [0-9.e+]+ nod"),
    ("propagator", "WaveLegacy", {"Range": "9", "gamma": "90"}, "violates the Courant condition"),
    # couplings
    ("coupling", "Ramp", {"timepoints": "0.005 0.01"}, "2 timepoints for 3 values of nu; give one"),
    ("coupling", "Ramp", {"nu": "1e-4"}, "has 3 timepoints for 1 values of nu; give one time for"),
    ("coupling", "Ramp", {"timepoints": "0.01 0.005 0.02"}, "0.005 s stands after 0.01 s; .* grow"),
    (
        "coupling",
        "Ramp",
        {"timepoints": "0.005 0.005 0.02"},
        "0.005 s stands after 0.005 s; .*grow",
    ),
    ("coupling", "DiffArctan", {"t_half_down": "0.5"}, "t_half_down = 0.5 s must be > t_half_up"),
    ("coupling", "DiffArctan", {"t_half_up": "2"}, "t_half_down = 1.5 s must be > t_half_up = 2 s"),
    ("coupling", "CaDP", {"nu": "0"}, "nu = 0 is out of bounds; a plastic strength must start off"),
    ("coupling", "BCM", {"nu": "0"}, "nu = 0 is out of bounds"),
    ("coupling", "BCM-Spatial", {"nu": " ".join(["0"] + ["1e-5"] * 80)}, "nu = 0 is out of bounds"),
    ("coupling", "CaDP", {"nu": "-1e-4"}, "nu_max and nu differ in sign; give both the same"),
    ("coupling", "CaDP", {"Pth": "1e-7"}, "Pth is below Dth: .*; make Pth >= Dth"),
    (
        "coupling",
        "CaDP",
        {"tCa": "3e-4"},
        "tCa = 0.0003 s makes the step unstable .*<= 0.0008355 s",
    ),
    ("coupling", "CaDP", {"z": "3e3"}, "z = 3000 s.-1 makes the step unstable with Deltat = 0.001"),
    ("coupling", "CaDP", {"x": "3e3"}, r"xyth nu_max/nu \+ x \+ y = 3000.02 s.-1 makes the step"),
    ("coupling", "BCM", {"t_BCM": "1e-4"}, "t_BCM = 0.0001 s makes the step unstable with Deltat"),
    ("coupling", "BCM", {"t_rec": "1e-4"}, "t_rec = 0.0001 s makes the step unstable with Deltat"),
    ("coupling", "CaDP", {"nu": "1e-320", "nu_max": "1e300"}, "too large or small to compute with"),
    # dendrites
    ("dendrite", "", {"alpha": "3e3"}, "alpha = 3000 s.-1 makes the step unstable .*use Deltat <="),
    ("dendrite", "", {"beta": "3e3"}, "beta = 3000 s.-1 makes the step unstable .*<= 0.0009283 s"),
    ("dendrite", "Ramp", {"beta2": "3e3"}, "beta2 = 3000 s.-1 makes the step unstable with Deltat"),
    (
        "dendrite",
        "Ramp",
        {"t2": "0.001"},
        "t2 = 0.001 s must be > t1 = 0.002 s; give t1 < t2 <= t3",
    ),
    ("dendrite", "Ramp", {"t3": "0.004"}, "t3 = 0.004 s must be >= t2 = 0.005 s; give t1 < t2 <="),
    ("dendrite", "Ramp", {"t4": "0.01"}, "t4 = 0.01 s must be > t3 = 0.01 s; give t1 < t2 <= t3"),
    (
        "dendrite",
        "Integral",
        {"alpha": "1e300"},
        "its parameters are too large or small to compute",
    ),
    # firing responses
    ("firing", "Bursting", {"tx2": "0.001"}, "tx2 = 0.001 s must be > tx1 = 0.003 s; give tx1 <"),
    ("firing", "Bursting", {"th4": "0.012"}, "th4 = 0.012 s must be > th3 = 0.012 s; give th1 <"),
    ("firing", "Bursting", {"taux": "1e-4"}, "taux = 0.0001 s makes the step unstable .*0.0002785"),
    ("firing", "Bursting", {"tauh": "1e-4"}, "tauh = 0.0001 s makes the step unstable with Deltat"),
    ("firing", "GlutamateResponse", {"tGlu": "0"}, "tGlu must be > 0 where Lambda > 0; add 'tGlu:"),
    (
        "firing",
        "GlutamateResponse",
        {"tGlu": "1e-4"},
        "tGlu = 0.0001 s makes the step unstable with",
    ),
    ("firing", "Sigmoid", {"Sigma": "5e-324"}, "its parameters are too large or small to compute"),
    # stimuli
    ("stimulus", "Const", {"Node": "0"}, "Node: node 0 does not exist; nodes are 1 to 9"),
    ("stimulus", "PAS", {"Node": "1 10"}, "Node: node 10 does not exist; nodes are 1 to 9"),
    ("stimulus", "Burst", {"Node": "-1"}, "Node: node -1 does not exist; nodes are 1 to 9"),
    ("stimulus", "Sine", {"Node": "1.5"}, "Node: expected a whole number, found '1.5'; give one"),
    (
        "stimulus",
        "White",
        {"Ranseed": "1.5"},
        "Ranseed: expected a whole number, found '1.5'; give",
    ),
    ("stimulus", "White", {"ASD": "1"}, "has ASD and StdDev, of which one follows .*; keep one"),
    ("stimulus", "Data", {"Interpolation": "cubic"}, "'cubic' is not known; write linear or hold"),
    (
        "stimulus",
        "Data",
        {"File": "my data.npy"},
        "File takes one path, found 'my data.npy'; write one with spaces in double quotes",
    ),
    ("stimulus", "Data", {"Dataset": "x"}, "wave.npy is one array, without a Dataset; leave that"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: "-".join((f[0], f[1], *f[2])))
def test_what_a_component_knows_to_be_wrong(fault: tuple[str, str, Keys, str]) -> None:
    role, keyword, keys, message = fault
    text = conf(role, keyword, {**SOUND[role][keyword], **keys})
    assert re.search(message, refusal(text, role, keyword))


@pytest.mark.parametrize("keyword", ["PulseRect", "PulseSigmoid"])
def test_several_pulses_at_no_distance(keyword: str) -> None:
    keys = changed("stimulus", keyword, "Period", None)
    found = refusal(conf("stimulus", keyword, keys), "stimulus", keyword)
    assert found == "several Pulses need 'Period: <s>' or 'Frequency: <Hz>'"


@pytest.mark.parametrize("range_", [None, "0.4"])
def test_a_velocity_needs_a_range(range_: str | None) -> None:
    keys = changed("propagator", "Harmonic", "velocity", "3")
    keys = {k: v for k, v in keys.items() if k != "Range"} | ({"Range": range_} if range_ else {})
    text = conf("propagator", "Harmonic", keys)
    if range_:
        check(parse_model(text, "bad.conf"))
    else:
        assert "velocity needs Range too" in refusal(text, "propagator", "Harmonic")


@pytest.mark.parametrize("time", ["0.5", "1"])
def test_a_run_too_short_for_the_extrema_of_diff_arctan(time: str) -> None:
    found = refusal(conf("coupling", "DiffArctan", time=time), "coupling", "DiffArctan")
    assert found.startswith("its profile is scaled by its extrema over the whole seconds 0, 1, …")
    assert found.endswith("use a longer Time")


def test_a_long_run_of_diff_arctan_takes_no_memory() -> None:
    check(parse_model(conf("coupling", "DiffArctan", time="1e12"), "bad.conf"))


@pytest.mark.parametrize(
    "keyword", [k for k in SOUND["coupling"] if k in ("CaDP", "BCM", "BCM-Spatial")]
)
@pytest.mark.parametrize("firing", [k for k in SOUND["firing"] if k != "GlutamateResponse"])
def test_plasticity_onto_a_population_without_glutamate(keyword: str, firing: str) -> None:
    text = conf("coupling", keyword, firing=declared("firing", firing))
    found = refusal(text, "coupling", keyword)
    assert "reads the glutamate of Population 1, which has none; write 'Firing: Glutamate" in found


@pytest.mark.parametrize(
    ("firing", "message"),
    [
        ("GlutamateResponse - Lambda: 1e-6 tGlu: 0.03", "needs 'Function:' too, e.g. 'Function: S"),
        ("GlutamateResponse - Function: Bursting", "Bursting cannot be its Function. Allowed: Sig"),
        ("GlutamateResponse - Function: GlutamateResponse", "cannot be its Function. Allowed: Sig"),
        ("GlutamateResponse - Function: Sigmoid Theta: 0.01 Sigma: 0.004", "'Qmax' .* is missing"),
        ("GlutamateResponse - Function: Linear a: 1 b: 1 Theta: 0.1", "unknown parameter 'Theta'"),
        (
            "GlutamateResponse - Lambda: 1e-6 Function: Linear a: 1 b: 1",
            "tGlu must be > 0 where Lambda > 0; add 'tGlu: <s>'",
        ),
    ],
)
def test_a_glutamate_response_without_what_it_wraps(firing: str, message: str) -> None:
    text = conf("firing", "GlutamateResponse", firing=f"Firing: {firing}")
    assert re.search(message, refusal(text, "firing", "GlutamateResponse"))


@pytest.mark.parametrize(
    ("role", "given", "message"),
    [
        (
            "firing",
            "Firing: GlutamateResponse - Function: Sigmod",
            "unknown firing 'Sigmod'.*Did y",
        ),
        ("firing", "Firing: Theta: 0.01 Sigma: 0.004 Qmax: 340", "names no firing. Allowed: Sigmo"),
        ("coupling", "BCM Spatial - nu: 1", "unknown coupling 'BCM Spatial'.* mean 'BCM-Spatial'"),
        ("propagator", "Harmonic Integral gamma: 3", "'Harmonic Integral'.* 'HarmonicIntegral'"),
        ("stimulus", "Stimulus: White Coherent - Mean: 1", "Did you mean 'WhiteCoherent'"),
        ("stimulus", "Stimulus: Noise - Mean: 1", "unknown stimulus 'Noise'. Allowed: Const, Sine"),
        ("stimulus", "Superimpose: 2 Stimulus: Const - Mean: 1", "that follow are 1; write 'Super"),
    ],
)
def test_a_component_that_there_is_not(role: str, given: str, message: str) -> None:
    text = conf(role, next(iter(SOUND[role])), **{role: given})
    assert re.search(message, refusal(text, role, owner=NAME[role].partition(", ")[0]))


@pytest.mark.parametrize(
    ("keyword", "key", "odd"),
    [
        ("PAS", "N20 width", "N20 widht"),
        ("PAS", "TMS height", "TMS Height"),
        ("Burst", "Burst Frequency", "Burst frequency"),
        ("Burst", "Burst Frequency", "Burst Freq"),
        ("Burst", "Oscillation Frequency", "Oscilation Frequency"),
    ],
)
def test_two_words_of_which_one_is_misspelt(keyword: str, key: str, odd: str) -> None:
    text = conf("stimulus", keyword).replace(key, odd)
    found = refusal(text, "stimulus", owner=f"unknown key '{odd}'. ")
    assert found == f"Did you mean '{key}'?"


def test_a_value_before_a_key_is_no_part_of_it() -> None:
    for value in ("20", "25"):  # 'N20 width' is a key, and so is 'P25 width'
        keys = {"Amplitude": value, **changed("stimulus", "Burst", "Amplitude", None)}
        keys = {"Amplitude": keys.pop("Amplitude"), "Width": keys.pop("Width"), **keys}
        check(parse_model(conf("stimulus", "Burst", keys), "bad.conf"))


@pytest.mark.parametrize("odd", ["Shpere", "sphere", "torus", "", "3"])
def test_a_misspelt_topology(odd: str) -> None:
    text = conf("coupling", "Map").replace("Nodes: 9", f"Nodes: 9 Topology: {odd}")
    with pytest.raises(ModelError, match=r"^bad.conf:3: unknown Topology '.*'. Allowed: Torus, Sp"):
        check(parse_model(text, "bad.conf"))
