"""Run a model from its lowest fixed point to t = 0, and see whether it has settled."""

import json
from pathlib import Path

from nftsim.engine.simulate import run_to_file
from nftsim.model import load_model
from workflow.lib.jobs import job, progress
from workflow.lib.settled import require_settled

with job(snakemake) as log:
    wanted, run = snakemake.params, snakemake.output.run
    lowest = json.loads(Path(snakemake.input.steady).read_text())["fixed_points"][0]
    model = load_model(snakemake.input.model, wanted.overrides, compat=wanted.noise["compat"])
    start, seed = model.with_rates(lowest["Q"]), int(snakemake.wildcards.seed)
    how = {"duration": wanted.duration, "seed": seed, "progress": progress(log), **wanted.noise}
    run_to_file(start, run, warmup=True, **how)
    require_settled(run, snakemake.output.settled, wanted.settle, log)
