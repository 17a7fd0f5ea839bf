"""Run a model from the end state of its warm-up, with one seed or with several together."""

from nftsim.model import load_model
from workflow.lib.jobs import job, progress
from workflow.lib.runs import run_seeds

with job(snakemake) as log:
    wanted, source = snakemake.params, snakemake.input
    model = load_model(source.model, wanted.overrides, compat=wanted.noise["compat"])
    how = {"threads": snakemake.threads, "progress": progress(log), **wanted.noise}
    start = source.initial
    run_seeds(model, snakemake.output.runs, initial=start, duration=wanted.duration, **how)
