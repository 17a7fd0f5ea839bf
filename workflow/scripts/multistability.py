"""Draw the fixed points of models along a synaptic strength."""

from analysis.figures import multistability as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job

with job(snakemake):
    models = [figure.read(path) for path in snakemake.input.branches]
    save_figure(figure.draw(models), figure.caption(models), snakemake)
