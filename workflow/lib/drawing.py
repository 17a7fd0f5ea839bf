"""Files of a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from analysis.figures import style
from analysis.files import atomic
from workflow.lib.jobs import made_by


def save_figure(figure: Figure, caption: str, snakemake: Any) -> None:
    """Write a figure, which says where it comes from, and its caption.

    Parameters
    ----------
    figure, caption
        What to write.
    snakemake
        The object that Snakemake gives to a script; its outputs are ``pdf``, ``png`` and
        ``caption``.
    """
    output = snakemake.output
    style.save(figure, Path(output.png).with_suffix(""), made_by(snakemake))
    with atomic(output.caption) as part:
        part.write_text(f"{caption}\n", encoding="utf-8")
