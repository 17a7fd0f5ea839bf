"""Movies of a field on its sheet: mp4 through ffmpeg, or GIF through pillow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray
from tqdm import tqdm

from analysis.figures.fig07_frames import Frames
from analysis.figures.quantities import quantity
from analysis.figures.snapshots import plan, scale
from analysis.figures.style import figure, styled, with_unit
from analysis.files import atomic
from nftsim.errors import NftsimError
from nftsim.notices import bar_size

#: Pictures per second, and how many a movie has at most if nothing else is said.
RATE = 25
MOST = 250
#: What can be written, best first.
FORMATS = ("mp4", "gif")
#: Size of a picture: the longer side of the sheet [cm], and pixels per inch.
SIDE, DPI = 8.0, 120

Image = NDArray[np.uint8]


def default_format() -> str:
    """Return mp4 if there is something to write it with, else gif."""
    return "mp4" if find_spec("imageio_ffmpeg") else "gif"


def write(
    data: Frames, trace: str, path: str | Path, *, rate: float = RATE, dpi: int = DPI
) -> Path:
    """Write a movie, with a bar of progress on a terminal.

    Parameters
    ----------
    data
        Its pictures, in order.
    trace
        Name of what they show.
    path
        File that ends in .mp4 or .gif.
    rate
        Pictures per second.
    dpi
        Pixels per inch; a picture is about 5 inches wide.

    Returns
    -------
    Path

    Raises
    ------
    NftsimError
        If mp4 is asked for and imageio-ffmpeg is not installed, or the file cannot be written.
    """
    final = Path(path)
    write_images = {"mp4": _write_mp4, "gif": _write_gif}[final.suffix[1:].lower()]
    if write_images is _write_mp4 and not find_spec("imageio_ffmpeg"):
        raise NftsimError(
            f"{final}: mp4 needs imageio-ffmpeg. Run: pip install imageio-ffmpeg; or name a file "
            "that ends in .gif"
        )
    bar = tqdm(
        pictures(data, trace, dpi),
        total=len(data.time),
        desc=f"drawing {final.name}",
        unit=" frames",
        delay=1.0,
        leave=False,
        disable=not sys.stderr.isatty(),
        **bar_size(),
    )
    with atomic(final) as part, bar:
        write_images(iter(bar), part, rate)
    return final


@styled
def pictures(data: Frames, trace: str, dpi: int = DPI) -> Iterator[Image]:
    """Return the pictures of a movie one after the other, each (height, width, 3).

    What stays the same is drawn once, so that a picture takes a hundredth of a second and not a
    tenth.
    """
    ly, lx = data.extent
    width, height = (max(0.3, length / max(ly, lx)) * SIDE for length in (lx, ly))
    fig = figure(_even(width + 4.4, dpi), _even(height + 2.2, dpi))
    fig.set_dpi(dpi)
    canvas: Any = FigureCanvasAgg(fig)  # untyped
    axes = fig.subplots()
    scaled, exponent, limit = scale(data.deviation)
    image = plan(axes, scaled[0], data.extent, limit)
    beyond = bool(np.abs(scaled).max() > limit * (1 + 1e-12))
    bar = fig.colorbar(image, ax=axes, extend="both" if beyond else "neither")
    bar.set_label(with_unit(f"Deviation of {quantity(trace)}", data.unit, exponent))
    titles = data.titles()
    title = axes.set_title(titles[-1], loc="left")
    canvas.draw()
    fig.set_layout_engine("none")  # or the picture would sway with the width of the title
    for artist in (image, title):
        artist.set_animated(True)
    canvas.draw()
    still = canvas.copy_from_bbox(fig.bbox)

    def drawn() -> Iterator[Image]:
        for words, values in zip(titles, scaled, strict=True):
            canvas.restore_region(still)
            image.set_data(values)
            title.set_text(words)
            axes.draw_artist(image)
            axes.draw_artist(title)
            for spine in axes.spines.values():
                axes.draw_artist(spine)
            yield np.asarray(canvas.buffer_rgba())[..., :3].copy()

    return drawn()


def _even(length: float, dpi: int) -> float:
    """Return a length [cm] near this one that is an even number of pixels, as mp4 wants."""
    return 2 * round(length / 2.54 * dpi / 2) * 2.54 / dpi


def _write_mp4(images: Iterator[Image], path: Path, rate: float) -> None:
    import imageio_ffmpeg

    first = next(images)
    writer: Any = imageio_ffmpeg.write_frames(
        str(path),
        (first.shape[1], first.shape[0]),
        fps=rate,
        quality=8,
        macro_block_size=2,
        ffmpeg_log_level="error",
        output_params=["-f", "mp4", "-movflags", "+faststart"],
    )
    writer.send(None)
    try:
        for image in _all(first, images):
            writer.send(np.ascontiguousarray(image))
    finally:
        writer.close()


def _write_gif(images: Iterator[Image], path: Path, rate: float) -> None:
    from PIL import Image as Pillow

    # colours far apart, so that all of the bar is there and white stays white
    first = Pillow.fromarray(next(images)).quantize(255, Pillow.Quantize.MAXCOVERAGE, kmeans=3)
    rest = (
        Pillow.fromarray(image).quantize(palette=first, dither=Pillow.Dither.NONE)
        for image in images
    )
    # GIF counts in hundredths of a second, and viewers slow down what is shorter than two
    lasts = max(20, 10 * round(100 / rate))
    first.save(path, "GIF", save_all=True, append_images=rest, duration=lasts, loop=0)


def _all(first: Image, rest: Iterator[Image]) -> Iterator[Image]:
    yield first
    yield from rest
