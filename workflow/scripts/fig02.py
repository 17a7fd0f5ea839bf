"""Draw Fig 2: the impulse response of the dendrite."""

from analysis.figures import fig02_dendritic_response as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job

with job(snakemake):
    rates = (snakemake.params.alpha, snakemake.params.beta)
    save_figure(figure.draw(*rates), figure.caption(*rates), snakemake)
