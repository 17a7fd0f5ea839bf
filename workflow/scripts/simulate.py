"""Run a model from the end state of its warm-up, with one seed or with several together."""

from nftsim.model import load_model
from workflow.lib.jobs import job, running
from workflow.lib.publishing import publish
from workflow.lib.runs import run_seeds

with job(snakemake) as log, running(snakemake, log) as how:
    wanted, source, runs = snakemake.params, snakemake.input, snakemake.output.runs
    model = load_model(source.model, wanted.overrides, compat=wanted.noise["compat"])
    start = {"initial": source.initial, "duration": wanted.duration, **wanted.noise}
    publish(run_seeds(model, runs, how=how, **start), runs)
