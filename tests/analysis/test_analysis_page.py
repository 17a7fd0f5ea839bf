"""The examples of docs/analysis.md run, and its table knows every function of +nf."""

import re

import pytest

#: All of them, in the order of the table.
NF = [
    "run",
    "read",
    "report",
    "extract",
    "field",
    "grid",
    "get_frequencies",
    "partition",
    "rfft",
    "spectrum",
    "spatial_spectrum",
    "wavelet_spectrogram",
    "plot_timeseries",
    "movie",
]


@pytest.fixture
def page(root):
    return (root / "docs" / "analysis.md").read_text(encoding="utf-8")


def test_examples_run(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"^```python\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    assert len(examples) == 7
    scope = {}
    for example in examples:
        exec(compile(example, "analysis.md", "exec", dont_inherit=True), scope)
    assert scope["phi"].grid().shape == (4000, 8, 12)
    assert scope["stimulated"].model.name == "eirs-aerp"
    assert scope["response"].count == 1
    printed = capsys.readouterr().out
    assert "propagator.1.phi s⁻¹ (4000, 8, 12)" in printed
    assert "alpha" in printed


def test_every_function_has_a_counterpart(page):
    table = page[page.index("| NFTsim's Matlab module") : page.index("## Spectra")]
    assert re.findall(r"^\| `nf\.(\w+)", table, flags=re.MULTILINE) == NF
    for name in re.findall(r"`analysis\.(\w+)\.(\w+)", page):
        module = __import__(f"analysis.{name[0]}", fromlist=[name[1]])
        assert hasattr(module, name[1]), name
