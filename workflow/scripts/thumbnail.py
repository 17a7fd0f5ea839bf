"""Draw the thumbnail of a model of the library."""

from analysis.figures import thumbnails as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job

with job(snakemake):
    shown = (snakemake.wildcards.model, list(snakemake.input.runs))
    save_figure(figure.draw(*shown), figure.caption(*shown), snakemake)
