"""NFTsim's own model files: each is read, or refused for the right reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nftsim.errors import NftsimError
from nftsim.model import load_model, parse_model, to_conf

#: What cannot run, and why.
REFUSED = {
    # NFTsim itself no longer knows this kind of coupling
    "nftsim-configs/Plasticity/pas.conf": r"27: Coupling 2: unknown coupling 'fCaP'. Allowed: Map",
    # an older form of the coupling, on which NFTsim crashes
    "nftsim-configs/test_coupling_ramp.conf": r"20: Coupling 1 .Ramp.: unknown parameter 'nus'",
    # an interval that is no multiple of the time step is rounded by NFTsim; --compat allows it
    "nftsim-configs/test_time-validation.conf": r"29: Output: Interval = 0.005 s is not a multiple",
}
WARNED = {
    "nftsim-configs/eirs-aerp.conf": "eirs-aerp.conf:73: Coupling 1 (Map): nu: ignored 'oldvalue",
    "nftsim-tests/eirs-spindles.conf": "eirs-spindles.conf:84: Output: Start: ignored '.0'",
}


def test_every_model_is_read_or_refused_for_the_right_reason(reference: Path) -> None:
    paths = sorted(reference.rglob("*.conf"))
    assert len(paths) > 50
    for path in paths:
        message = refusal(path)
        expected = REFUSED.get(path.relative_to(reference).as_posix())
        if expected is None:
            assert message == ""
        else:
            assert re.match(rf"{re.escape(str(path))}:{expected}", message), message


@pytest.mark.parametrize("compat", [False, True])
def test_every_model_survives_writing_and_reading(reference: Path, compat: bool) -> None:
    for path in sorted(reference.rglob("*.conf")):
        if path.relative_to(reference).as_posix() not in REFUSED:
            model = load_model(path, compat=compat)
            assert parse_model(to_conf(model)) == model


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
