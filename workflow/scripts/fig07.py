"""Draw Fig 7: frames of the field after the pulses."""

from analysis.figures import fig07_frames as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job

with job(snakemake):
    run, wanted = snakemake.input.run, snakemake.params
    shown = {"trace": wanted.trace, "times": wanted.times}
    save_figure(figure.draw(run, **shown), figure.caption(run, **shown), snakemake)
