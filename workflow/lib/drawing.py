"""Files of a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from analysis.figures import style
from analysis.files import atomic


def save_figure(figure: Figure, caption: str, output: Any) -> None:
    """Write a figure and its caption to the outputs ``pdf``, ``png`` and ``caption`` of a rule."""
    style.save(figure, Path(output.png).with_suffix(""))
    with atomic(output.caption) as part:
        part.write_text(f"{caption}\n", encoding="utf-8")
