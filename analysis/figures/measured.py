"""What figures of a measured spectrum beside theory share."""

from __future__ import annotations

from pathlib import Path

from analysis.comparison import Comparison, read_comparison
from analysis.spectrum import Spectrum, read_spectrum
from analysis.wording import conducted


def read(
    spectrum: Spectrum | str | Path, comparison: Comparison | str | Path
) -> tuple[Spectrum, Comparison]:
    """Return a spectrum and its agreement with theory, read from their files if need be."""
    measured = spectrum if isinstance(spectrum, Spectrum) else read_spectrum(spectrum)
    result = comparison if isinstance(comparison, Comparison) else read_comparison(comparison)
    return measured, result


def of_what(measured: Spectrum, name: str) -> str:
    """Return the head of a caption: of what the spectra above are."""
    filtered = conducted(measured.meta.get("k0"))
    return f"Above: power spectrum of {name}, summed over the modes of the sheet, {filtered}"
