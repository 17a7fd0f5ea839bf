"""Simulations have the spectrum of the theory of their steps, to statistical error alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.prediction import effective_modes
from docs.agreement import EDGES, SEEDS
from nftsim.components.stimuli import White
from nftsim.theory.linear import spectrum
from tests.analysis.agreements import Noisy
from tests.analysis.noisy_models import NOISY

PAGE = Path(__file__).parents[2] / "docs" / "theory.md"
#: p of a test that is passed.
LOW, HIGH = 1e-3, 1 - 1e-3


def lines(name):
    """Cells of a generated table of theory.md."""
    text = PAGE.read_text(encoding="utf-8")
    table = text.split(f"<!-- begin {name} -->\n")[1].split(f"<!-- end {name} -->")[0]
    return [row.strip("| ").split(" | ") for row in table.strip().splitlines()[2:]]


def number(cell):
    return float(cell.split(" ± ")[0].replace("−", "-").rstrip("%"))


@pytest.mark.parametrize("name", NOISY)
def test_chance_explains_what_is_left(name):
    noisy = Noisy.at_rest(NOISY[name]())
    # of fourteen models and two p, 2% would be below 0.001 by chance: the seed is fixed
    found = noisy.scored(noisy.measured(seed=4711, duration=60.0))
    assert LOW < found.p < HIGH
    assert LOW < found.p_groups < HIGH
    assert found.z.std() == pytest.approx(1, abs=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("name", NOISY)
def test_chance_explains_what_is_left_of_three_seeds(name):
    noisy = Noisy.at_rest(NOISY[name]())
    for seed in range(SEEDS):
        first = 5000 + 100 * list(NOISY).index(name)
        found = noisy.scored(noisy.measured(seed=first + seed, duration=200.0))
        assert LOW < found.p < HIGH, seed
        assert LOW < found.p_groups < HIGH, seed


@pytest.fixture(scope="module")
def wake():
    return Noisy.at_rest(NOISY["EIRS, wake"]())


@pytest.fixture(scope="module")
def measured(wake):
    return wake.measured(seed=1, duration=60.0)


@pytest.mark.parametrize("treatment", ["continuous", "grid"])
def test_other_treatments_are_told_apart_from_chance(wake, measured, treatment):
    found = wake.scored(measured, treatment)
    assert found.p < 1e-6
    assert not found.consistent


@pytest.mark.parametrize("change", [{"coupling.9.nu": 1.02}, {"propagator.1.gamma": 1.02}])
def test_a_parameter_off_by_two_percent_is_seen(wake, measured, change):
    from nftsim.model.overrides import override

    (path, factor), = change.items()  # fmt: skip
    item = wake.model.connection(9 if "9" in path else 1)
    old = item.coupling.nu if "nu" in path else item.propagator.gamma
    other = Noisy.at_rest(override(wake.model, {path: factor * old}))
    assert other.scored(measured).p_groups < LOW


def test_equations_are_biased_where_waves_are_short_as_the_page_says(wake):
    stated = lines("shells")
    found = wake.shells(EDGES, seed=77, duration=60.0)
    assert len(stated) == len(EDGES) - 1
    for i, (_, *cells) in enumerate(stated):
        for kind, cell in zip(("continuous", "grid", "scheme"), cells, strict=True):
            excess, chance = found[kind][i].excess(20, 45)
            assert 1 + excess == pytest.approx(number(cell), abs=5 * number(cell) * chance)
        assert abs(found["scheme"][i].excess(20, 45)[0]) < 4 * chance
    assert found["continuous"][-1].excess(20, 45)[0] > 3


def test_an_excess_grows_as_the_square_of_the_noise():
    quiet = Noisy.at_rest(NOISY["EIRS, spindles"]())
    linear, excess = None, []
    for asd in (1e-6, 2e-5, 4e-5):
        populations = list(quiet.model.populations)
        populations[4] = replace(populations[4], stimuli=(White(mean=1.0, asd=asd),))
        noisy = replace(quiet, model=replace(quiet.model, populations=tuple(populations)))
        found = noisy.scored(noisy.measured(seed=3, duration=60.0))
        ratio = 1 + found.excess(20, 30)[0]
        linear = ratio if linear is None else linear  # the same luck in all
        excess.append(ratio / linear - 1)
    assert excess[1] > 0.03
    assert excess[2] / excess[1] == pytest.approx(4, rel=0.15)


def test_the_page_has_every_model_and_only_what_passes():
    table = lines("agreement")
    assert [row[0] for row in table] == list(NOISY), "run: python -m docs.agreement"
    for _, single, groups, off in table:
        found = [float(p) for p in f"{single}, {groups}".split(", ")]
        assert len(found) == 2 * SEEDS
        assert min(found) > LOW
        assert max(found) < HIGH
        assert off.endswith("%")
    growth = [number(row[2]) for row in lines("nonlinearity")]
    assert growth == sorted(growth)


def test_effective_modes():
    noisy = Noisy.at_rest(NOISY["EIRS, wake"]())
    f = np.array([2.0, 9.0, 90.0])
    options = {"k0": None, "interval": noisy.interval}
    found = effective_modes(noisy.model, noisy.point, str(noisy.trace), f, **options)
    each_f, each = noisy.by_mode("scheme")
    at = np.searchsorted(each_f, f)
    expected = each.sum(axis=1) ** 2 / (each**2).sum(axis=1)
    np.testing.assert_allclose(found, expected[at], rtol=1e-6)
    total = spectrum(
        noisy.model, noisy.point, noisy.trace, f, wavenumbers="scheme", **options
    )  # fmt: skip
    np.testing.assert_allclose(each.sum(axis=1)[at], total, rtol=1e-6)
    coherent = Noisy.at_rest(NOISY["`WhiteCoherent`"]())
    one = effective_modes(coherent.model, coherent.point, str(noisy.trace), f, **options)
    np.testing.assert_allclose(one, 1)
    some = replace(noisy.model.populations[4], stimuli=(White(mean=1.0, asd=1e-6, node=(1, 2)),))
    uneven = replace(noisy.model, populations=(*noisy.model.populations[:4], some))
    assert np.isnan(effective_modes(uneven, noisy.point, "pop.1.q", f, **options)).all()
