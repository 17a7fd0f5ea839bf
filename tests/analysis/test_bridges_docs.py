"""The examples of docs/bridges.md run, and what the page says of responses is so."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from analysis.bold import MODELS, bold

PAGE = Path(__file__).parents[2] / "docs" / "bridges.md"


def test_the_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("xarray", reason="xarray is not installed")
    pytest.importorskip("h5netcdf", reason="h5netcdf is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("mne", reason="MNE-Python (extra 'eeg') is not installed")
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert len(examples) == 6
    scope: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "bridges.md", "exec", dont_inherit=True), scope)
    printed = capsys.readouterr().out
    assert "('time', 'y', 'x') s⁻¹" in printed
    assert "['Fp1', 'Fp2', 'F7', 'Fz'] 200.0 (19, 800)" in printed
    assert "(2, 16, 103)" in printed
    assert "(800, 2) V" in printed


@pytest.mark.parametrize("name", MODELS)
def test_the_table_has_the_numbers_of_the_models(name: str) -> None:
    text, model = PAGE.read_text(encoding="utf-8"), MODELS[name]()
    column = 1 + list(MODELS).index(name)
    rows = {"ε": "efficacy", "κ": "kappa", "γ": "gamma", "τ": "tau", "α": "alpha"}
    rows |= {"E0": "extraction", "V0": "volume"}
    table = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    for symbol, attribute in rows.items():
        row = next(r for r in table if re.search(rf" {symbol}( \[.*\])?$", r[0]))
        assert float(row[column].split()[0]) == getattr(model, attribute), symbol


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("balloon", r"at ([0-9.]+) s \(([0-9.]+)%\) and lowest at ([0-9.]+) s \(−([0-9.]+)%\)"),
        ("uniform", r"uniform model at ([0-9.]+) s \(([0-9.]+)%\) and ([0-9.]+) s\s\(−([0-9.]+)%"),
    ],
)
def test_the_response_is_as_the_page_says(name: str, said: str) -> None:
    t = np.arange(0, 20, 5e-3)
    found = bold(np.where(t < 1, 2.0, 1.0), 5e-3, model=name, baseline=1.0, sampling=0.1)
    numbers = re.search(said, PAGE.read_text(encoding="utf-8"))
    assert numbers
    high, low = int(found.signal.argmax()), int(found.signal.argmin())
    expected = [
        f"{found.time[high]:.1f}",
        f"{100 * found.signal[high]:.2f}",
        f"{found.time[low]:.1f}",
        f"{-100 * found.signal[low]:.2f}",
    ]
    assert list(numbers.groups()) == expected
