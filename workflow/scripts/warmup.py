"""Run a model from its fixed point to t = 0, and see whether it has settled."""

import json
from pathlib import Path

from nftsim.model import load_model
from workflow.lib.jobs import job, progress
from workflow.lib.runs import run_seeds
from workflow.lib.settled import require_settled

with job(snakemake) as log:
    wanted, runs = snakemake.params, snakemake.output.runs
    states = json.loads(Path(snakemake.input.steady).read_text())
    chosen = states["fixed_points"][states["chosen"] - 1]
    model = load_model(snakemake.input.model, wanted.overrides, compat=wanted.noise["compat"])
    start = model.with_rates(chosen["Q"])
    how = {"threads": snakemake.threads, "progress": progress(log), **wanted.noise}
    how |= {"duration": wanted.duration, "merge": wanted.merge}
    run_seeds(start, runs, warmup=True, **how)
    require_settled(runs, snakemake.output.settled, wanted.settle, log)
