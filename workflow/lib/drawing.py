"""Files of a figure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from analysis.figures import style
from analysis.files import atomic
from workflow.lib.jobs import made_by

_POWER = re.compile(r"(\d(?:\.\d+)?)e([+-]\d+)")
#: Between a number and its power of ten, where no line is to end.
_TIMES = "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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
        part.write_text(f"{typeset(caption)}\n", encoding="utf-8")


def typeset(caption: str) -> str:
    r"""Return a caption in reStructuredText, with powers of ten and subscripts as one prints them.

    Examples
    --------
    >>> print(typeset("φ_ee falls by -6.5 s⁻¹"))
    φ\ :sub:`ee` falls by −6.5 s⁻¹
    """
    text = _POWER.sub(lambda m: f"{m[1]}{_TIMES}{str(int(m[2])).translate(_SUPERSCRIPTS)}", caption)
    text = re.sub(r"(?<=[\s(;±])-(?=\d)", "\N{MINUS SIGN}", text)
    return re.sub(r"\b([φνQr])_([a-z]{1,2}|\d)\b", r"\1\\ :sub:`\2`", text)
