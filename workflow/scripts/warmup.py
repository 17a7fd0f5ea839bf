"""Run a model from its fixed point to t = 0, and see whether it has settled."""

from analysis.files import read_json
from nftsim.model import load_model
from workflow.lib.jobs import job, running
from workflow.lib.publishing import publish
from workflow.lib.runs import run_seeds
from workflow.lib.settled import require_settled

with job(snakemake) as log, running(snakemake, log) as how:
    wanted, runs = snakemake.params, snakemake.output.runs
    states = read_json(snakemake.input.steady)
    chosen = states["fixed_points"][states["chosen"] - 1]
    model = load_model(snakemake.input.model, wanted.overrides, compat=wanted.noise["compat"])
    start = model.with_rates(chosen["Q"])
    length = {"duration": wanted.duration, "merge": wanted.merge, "warmup": True}
    made = run_seeds(start, runs, how=how, **length, **wanted.noise)
    require_settled(made, snakemake.output.settled, wanted.settle, log)
    publish(made, runs)
