"""Draw Fig 10: simulated and analytic spectrum, with the verdict."""

from analysis.figures import fig10_spectrum as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job
from workflow.lib.theory import read_theory

with job(snakemake):
    source = snakemake.input
    theory = read_theory(source.theory)
    drawn = figure.draw(
        source.spectrum,
        source.comparison,
        theory.frequency,
        theory.curves["scheme"],
        theory.curves["continuous"],
    )
    save_figure(drawn, figure.caption(source.spectrum, source.comparison), snakemake)
