"""Draw Fig 8: time series at and around the sites of the pulses."""

from analysis.figures import fig08_timeseries as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job

with job(snakemake):
    run, wanted = snakemake.input.run, snakemake.params
    shown = {"trace": wanted.trace, "reach": wanted.reach}
    save_figure(figure.draw(run, **shown), figure.caption(run, **shown), snakemake)
