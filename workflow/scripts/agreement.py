"""Draw an experiment's spectrum beside theory: spectra, ratios, scores."""

from analysis.figures import agreement as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job
from workflow.lib.theory import read_theory

with job(snakemake):
    source = snakemake.input
    drawn = figure.draw(source.spectrum, source.comparison, read_theory(source.theory))
    save_figure(drawn, figure.caption(source.spectrum, source.comparison), snakemake)
