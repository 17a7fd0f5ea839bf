"""Draw Fig 9: schematics of models."""

from analysis.figures import fig09_schematics as figure
from nftsim.model import load_model
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job

with job(snakemake):
    models = [load_model(file) for file in snakemake.input.models]
    save_figure(figure.draw(models), figure.caption(models), snakemake)
