"""NFTsim's own model files: each is read, or refused for the right reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nftsim.components import PLANNED
from nftsim.errors import NftsimError
from nftsim.model import load_model

#: Refused for another reason than a component that is not supported yet.
SPECIAL = {
    # an interval that is no multiple of the time step is rounded by NFTsim; --compat allows it
    "test_time-validation.conf": r"29: Output: Interval = 0.005 s is not a multiple of Deltat",
}
WARNED = {
    "nftsim-configs/eirs-aerp.conf": "eirs-aerp.conf:73: Coupling 1 (Map): nu: ignored 'oldvalue",
    "nftsim-tests/eirs-spindles.conf": "eirs-spindles.conf:84: Output: Start: ignored '.0'",
}


def test_every_model_is_read_or_refused_by_name(reference: Path) -> None:
    planned = "|".join(name for names in PLANNED.values() for name in names) or "(none)"
    unsupported = rf"{{path}}:\d+: .*'({planned})' is not supported yet. Supported: "
    paths = sorted(reference.rglob("*.conf"))
    assert len(paths) > 50
    refusals = {path: refusal(path) for path in paths}
    for path, message in refusals.items():
        special = SPECIAL.get(path.name)
        expected = (
            rf"{path}:{special}" if special else unsupported.format(path=re.escape(str(path)))
        )
        assert not message or re.match(expected, message), message
    assert sum(map(bool, refusals.values())) < len(paths) / 2


def refusal(path: Path) -> str:
    """Return why a model is refused; nothing if it is not."""
    try:
        load_model(path)
    except NftsimError as error:
        return str(error)
    return ""


def test_the_interval_that_nftsim_rounds_is_allowed_with_compat(reference: Path) -> None:
    model = load_model(reference / "nftsim-configs" / "test_time-validation.conf", compat=True)
    assert model.output.interval == 0.005


@pytest.mark.parametrize("name", WARNED)
def test_bare_words_of_shipped_files_are_tolerated(
    reference: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    load_model(reference / name)
    assert any(WARNED[name] in r.getMessage() for r in caplog.records)
