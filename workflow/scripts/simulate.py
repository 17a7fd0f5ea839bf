"""Run a model from the end state of its warm-up."""

from nftsim.engine.simulate import run_to_file
from nftsim.model import load_model
from workflow.lib.jobs import job, progress

with job(snakemake) as log:
    wanted, source = snakemake.params, snakemake.input
    model = load_model(source.model, wanted.overrides, compat=wanted.noise["compat"])
    seed = int(snakemake.wildcards.seed)
    how = {"duration": wanted.duration, "seed": seed, "progress": progress(log), **wanted.noise}
    run_to_file(model, snakemake.output.run, initial=source.initial, **how)
