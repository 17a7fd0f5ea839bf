"""Draw what a sweep has measured."""

import pandas as pd

from analysis.figures import sweep as figure
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job
from workflow.lib.sweep_labels import labels

with job(snakemake):
    found, shown = pd.read_csv(snakemake.input.csv), snakemake.params.shown
    known = {**shown, "labels": labels(shown)}
    save_figure(figure.draw(found, **known), figure.caption(found, **known), snakemake)
