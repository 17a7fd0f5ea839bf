"""The models that NFTsim ships give, shortened, what NFTsim gave: see ``source`` in the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nftsim.errors import NftsimError
from nftsim.model import load_model
from tests.parity.tables import read_table, worst_of_file

TABLE = read_table("configs.json")
CASES: dict[str, dict[str, Any]] = TABLE["cases"]
#: What NFTsim itself cannot run, with a word that our refusal must name.
REFUSED = {"Plasticity/pas": "fCaP", "test_coupling_ramp": "nus"}
TOLERANCE = 1e-9


def test_every_shipped_model_is_a_case(reference: Path) -> None:
    folder = reference / "nftsim-configs"
    shipped = {str(f.relative_to(folder).with_suffix("")) for f in folder.rglob("*.conf")}
    assert shipped == set(CASES) | set(REFUSED)
    assert set(REFUSED) == set(TABLE["refused"])
    assert set(TABLE["wrong"]) <= set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_numbers_of_nftsim(case: str, reference: Path, tmp_path: Path) -> None:
    worst, column = worst_of_file(case, CASES[case], reference, tmp_path)
    print(f"{case}: {worst:.2g} ({column})")
    assert worst <= TOLERANCE


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, reference: Path) -> None:
    file = reference / "nftsim-configs" / f"{case}.conf"
    with pytest.raises(NftsimError, match=REFUSED[case]) as refusal:
        load_model(file, compat=True)
    assert str(refusal.value).startswith(f"{file}:")
