"""Draw a diagram that shows no run."""

from importlib import import_module

from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job

with job(snakemake):
    figure = import_module(f"analysis.figures.{snakemake.wildcards.diagram}")
    save_figure(figure.draw(), figure.caption(), snakemake)
