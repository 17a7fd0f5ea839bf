"""Draw states of arousal, and where their stability ends."""

from analysis.figures import sleep_wake as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job

with job(snakemake):
    wanted = snakemake.params
    panels = [figure.panel(rates, states) for rates, states in wanted.panels.items()]
    save_figure(figure.draw(panels, wanted.z), figure.caption(panels, wanted.z), snakemake)
