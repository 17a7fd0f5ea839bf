"""Tables: those of the paper, and Markdown and reStructuredText of any."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.benchmark.models import PAPER_TIME

TABLE5 = {
    "model": "system",
    "nodes": "N",
    "program": "ours or NFTsim",
    "time_s": "time simulated [s]; shorter than the paper's 16 s on large sheets",
    "run_none_16s": "run time without output, for 16 s [s]",
    "run_three_16s": "run time with three fields of all nodes at 512 Hz, for 16 s [s]",
    "per_second": "run time with output by time simulated",
    "max_rss_mb": "peak memory with output [MB]",
    "file_mb": "output of the run as simulated [MB]; ours holds the end state too",
    "repeats": "repeats",
    "spread_percent": "largest less least run time without output, by the median [%]",
}


def table5(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's Table 5: run time, memory and output by the size of the sheet.

    Run times and sizes of shorter runs are scaled to 16 s.

    Parameters
    ----------
    summary
        As `analysis.benchmark.summary.summarise` makes it.
    """
    sheets = summary[summary.suite == "sheets"]
    rows = []
    for (model, nodes, program), group in sheets.groupby(["model", "nodes", "program"], sort=False):
        by = group.set_index("output")
        scale = PAPER_TIME / by.time_s
        run = (by.run_s * scale).reindex(["none", "three"])
        rows.append(
            {
                "model": model,
                "nodes": nodes,
                "program": program,
                "time_s": float(by.time_s.iloc[0]),
                "run_none_16s": run["none"],
                "run_three_16s": run["three"],
                "per_second": run["three"] / PAPER_TIME,
                "max_rss_mb": by.max_rss_kb.get("three", float("nan")) * 1024 / 1e6,
                "file_mb": by.file_kb.get("three", float("nan")) * 1024 / 1e6,
                "repeats": int(by.repeats.min()),
                "spread_percent": 100 * by.spread.get("none", float("nan")),
            }
        )
    found = pd.DataFrame(rows, columns=list(TABLE5))
    return found.sort_values(["model", "nodes", "program"], kind="stable", ignore_index=True)


def markdown(table: pd.DataFrame, heads: Sequence[str] | None = None) -> str:
    """Return a table in Markdown; numbers with three digits."""
    cells = [list(heads or table.columns), *_cells(table)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    rule = ["---" if kind == "O" else "---:" for kind in _kinds(table)]
    return "\n".join([lines[0], f"| {' | '.join(rule)} |", *lines[1:]])


def rst(table: pd.DataFrame, title: str, heads: Sequence[str] | None = None) -> str:
    """Return a table in reStructuredText, as a report shows it."""
    lines = [f".. list-table:: {title}", "   :header-rows: 1", ""]
    for row in [list(heads or table.columns), *_cells(table)]:
        lines += [f"   {'*' if j == 0 else ' '} - {cell}" for j, cell in enumerate(row)]
    return "\n".join(lines) + "\n"


def _kinds(table: pd.DataFrame) -> list[str]:
    return ["n" if pd.api.types.is_numeric_dtype(t) else "O" for t in table.dtypes]


def _cells(table: pd.DataFrame) -> list[list[str]]:
    return [[_text(value) for value in row] for row in table.itertuples(index=False)]


def _text(value: object) -> str:
    if isinstance(value, float):
        if value != value:
            return "–"
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)
