"""Draw spectra of spindles with noise raised in steps."""

from analysis.figures import spindle_harmonic as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job
from workflow.lib.theory import read_theory

with job(snakemake):
    theories = [read_theory(path) for path in snakemake.input.theories]
    steps = figure.steps(snakemake.input.spectra, theories)
    save_figure(figure.draw(steps), figure.caption(steps), snakemake)
