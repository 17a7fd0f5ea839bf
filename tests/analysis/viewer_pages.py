"""A small run, its page, and what that holds."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from analysis.viewer.pack import TOP
from nftsim.cli import main

from .conftest import PULSES

NX, NY = 16, 12


def made(folder: Path, name: str, *changes: str) -> Path:
    """Run a rectangle with two pulses, changed; return the file."""
    (folder / "pulses.conf").write_text(PULSES)
    path = folder / name
    given = [word for change in changes for word in ("--set", change)]
    assert main(["run", str(folder / "pulses.conf"), "-o", str(path), *given]) == 0
    return path


def held(page: Path) -> dict[str, Any]:
    """Return the data of a page."""
    text = page.read_text(encoding="utf-8")
    found = re.search(r"^const run = (.*);$", text, flags=re.MULTILINE)
    assert found
    return json.loads(found[1])


def samples_of(trace: dict[str, Any]) -> np.ndarray:
    """Return the samples of a trace, shape (row, node)."""
    kept = values(trace["samples"]).reshape(trace["rows"], -1)
    means = base64.b64decode(trace["means"] or "")
    return kept + (np.frombuffer(means, "<f8")[:, None] if means else 0.0)


def values(packed: dict[str, Any]) -> np.ndarray:
    raw = np.frombuffer(base64.b64decode(packed["data"]), "<u2")
    return packed["low"] + (packed["high"] - packed["low"]) * raw / TOP


def number(text: str) -> float:
    """Return the number that a text of the page begins with."""
    text = text.replace("\N{MINUS SIGN}", "-").replace(" × 10", "e")
    plain = text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    found = re.match(r"-?[\d.]+(e-?\d+)?", plain)
    assert found, text
    return float(found[0])
