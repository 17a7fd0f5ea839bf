"""Make the pictures of ``docs/pictures.md``: ``python -m docs.pictures``, about a minute.

They are kept small, since they are part of the repository.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from analysis.figures import (
    fig01_processes,
    fig03_calls,
    fig04_components,
    fig05_grid,
    fig06_stencil,
    movie,
    snapshots,
    style,
)
from nftsim.cli import main
from nftsim.engine.simulate import run_to_file
from nftsim.model import load_model

FOLDER = Path(__file__).resolve().parent / "figures"
#: Width of a picture at most [pixels], and the size from which it gets by with 256 colours [bytes].
WIDTH, ENOUGH = 1200, 90_000
DIAGRAMS = {
    "fig01": fig01_processes,
    "fig03": fig03_calls,
    "fig04": fig04_components,
    "fig05": fig05_grid,
    "fig06": fig06_stencil,
}
#: Picture → run, and what `nftsim plot` is asked for.
PLOTS = {
    "plot-series": ("erp", ["--kind", "series"]),
    "plot-frames": ("erp", ["--kind", "frames"]),
    "plot-surface": ("erp", ["--kind", "surface", "--times", "0.062,0.104"]),
    "plot-spectrogram": ("wake", ["--kind", "spectrogram", "--stop", "15"]),
    "plot-kw": ("wake", ["--kind", "kw", "--segment", "2"]),
    "plot-spectrum": ("wake", ["--kind", "spectrum"]),
    "plot-schematic": ("wake", ["--kind", "schematic"]),
}


def small(source: Path, target: Path) -> None:
    """Write a picture at the width and with the colours that a page needs."""
    with Image.open(source) as image:
        width = min(WIDTH, image.width // 2)
        size = (width, round(image.height * width / image.width))
        reduced = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    reduced.save(target, optimize=True)
    if target.stat().st_size > ENOUGH:
        # k-means keeps the few pixels of thin lines and of the ends of scales in their colours
        reduced.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3).save(target, optimize=True)


def make() -> None:
    """Run the models and draw everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_to_file(load_model("e-erps"), folder / "erp.h5")
        wake = {"nodes": 400, "time": 60.0, "output.start": 0}
        run_to_file(load_model("eirs-wake", wake), folder / "wake.h5")
        for picture, module in DIAGRAMS.items():
            style.write(module.draw(), folder / f"{picture}.png")
        for picture, (run, options) in PLOTS.items():
            target = folder / f"{picture}.png"
            if main(["plot", str(folder / f"{run}.h5"), *options, "-o", str(target)]):
                raise SystemExit(1)
        for picture in (*DIAGRAMS, *PLOTS):
            small(folder / f"{picture}.png", FOLDER / f"{picture}.png")
        times = snapshots.evenly(folder / "erp.h5", 0.03, 0.13, 30)
        trace = "propagator.1.phi"
        data = snapshots.read(folder / "erp.h5", trace, times)
        movie.write(data, trace, FOLDER / "plot-movie.gif", rate=10, dpi=80)


if __name__ == "__main__":
    make()
