"""The measured part of docs/performance.md, made from the tables of a folder of results."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis.benchmark import tables
from analysis.benchmark.report import TABLE5_HEADS, read_machine
from analysis.files import atomic
from nftsim.errors import NftsimError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
FIGURES = {
    "time-against-nodes": "Time of a node's step against the size of the sheet; NFTsim's by ours",
    "roofline": "Useful operations per second under the peaks of the machine",
    "growth": "Cost of a node's step, as far as measured: merging, delays, threads, ensembles",
}
_BLOCK = re.compile(r"(<!-- begin measured -->\n).*?(<!-- end measured -->)", re.DOTALL)


def update(folder: Path, page: Path = PAGE) -> None:
    """Bring the page in line with a folder of results, figures included.

    Raises
    ------
    NftsimError
        If a table is not there, or the page has no place for them.
    """
    text = page.read_text(encoding="utf-8")
    body = "\n\n".join(measured(folder))
    fresh, count = _BLOCK.subn(lambda m: f"{m[1]}\n{body}\n\n{m[2]}", text)
    if count != 1:
        raise NftsimError(f"{page}: has no one '<!-- begin measured -->' … '<!-- end measured -->'")
    for name in FIGURES:
        target = page.parent / "figures" / f"benchmark-{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / f"{name}.png", target)
    with atomic(page) as part:
        part.write_text(fresh, encoding="utf-8")


def measured(folder: Path) -> Iterator[str]:
    """Yield the paragraphs of the measured part."""
    known = read_machine(folder)
    if known is None:
        raise NftsimError(f"{folder}: has no machine.json; run python -m analysis.benchmark first")
    machine, _ = known
    about = machine.about
    levels = ", ".join(f"{k} {v / 1e9:.0f} GB/s" for k, v in machine.bandwidth.items())
    yield (
        f"Measured on {about['started'][:10]} with version {about['nftsim_version']} (sources "
        f"{about['source_digest']}): {about['processor']}, {about['cores']} cores, "
        f"{about['memory']}, {about['system']}, Python {about['python']}, {about['packages']}; "
        f"load {about['load']}. One core: {machine.flops / 1e9:.0f} Gflop/s of multiply-adds; "
        f"bandwidth {levels}. Times are medians; where NFTsim is named it ran in turn with ours on "
        "the same machine."
    )
    yield "### Targets"
    yield tables.markdown(_table(folder, "targets"))
    yield "### Run time, memory and output (Table 5 of the paper)"
    yield tables.markdown(_table(folder, "table5"), TABLE5_HEADS)
    yield _image("time-against-nodes")
    yield "### Coefficients of Eq 33"
    fitted = _table(folder, "fits")
    heads = ["system", "program", "runs", "k_sim (s)", "k_sim P² L per node, 16 s (s)",
             "k_out (s)", "error"]  # fmt: skip
    yield tables.markdown(fitted, heads)
    yield "### Roofline"
    roof = _table(folder, "roofline")
    shown = ["model", "nodes", "stated_flops", "flops", "integers", "bytes", "level", "bound",
             "floor_ns", "ours_ns", "over_floor", "over_fused", "peak_share"]  # fmt: skip
    yield tables.markdown(roof[shown])
    yield _image("roofline")
    yield "### How cost grows"
    yield _image("growth")
    summary = _table(folder, "summary")
    for suite, columns in {
        "merging": ["model", "nodes", "merge"],
        "delays": ["model", "nodes", "max_tau_s"],
        "threads": ["model", "nodes", "threads"],
        "ensembles": ["model", "nodes", "members"],
    }.items():
        at = summary[summary.suite == suite]
        if len(at):
            yield f"**{suite.capitalize()}**, ns per node, member and step:"
            yield tables.markdown(at[[*columns, "ns_per_node_step", "ns_low", "ns_high"]])
    files = summary[summary.suite == "files"]
    if len(files):
        yield "### Model files as they are"
        yield tables.markdown(
            files[["model", "nodes", "steps", "program", "mode", "wall_s", "max_rss_kb", "repeats"]]
        )
    yield "### Output"
    yield tables.markdown(_table(folder, "disk"))
    if (folder / "peers.csv").is_file():
        yield "### Other simulators, which solve other things"
        yield tables.markdown(_table(folder, "peers"))


def _table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise NftsimError(f"{path}: is not there; run python -m analysis.benchmark first")
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def _image(name: str) -> str:
    return f"![{FIGURES[name]}](figures/benchmark-{name}.png)"
