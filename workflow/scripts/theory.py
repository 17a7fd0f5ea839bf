"""Write the analytic spectrum of a trace: of the equations, on the grid, and of the steps."""

from analysis.comparable import prediction_of
from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states
from workflow.lib.jobs import job, made_by
from workflow.lib.theory import write_theory

with job(snakemake) as log:
    wanted = snakemake.params
    model = load_model(snakemake.input.model, wanted.overrides, compat=wanted.compat)
    prediction = prediction_of(
        steady_states(model),
        wanted.fixed_point,
        wanted.trace,
        k0=wanted.k0,
        interval=wanted.interval,
        resolution=wanted.resolution,
        compat=wanted.compat,
    )
    write_theory(snakemake.output.theory, prediction, wanted.trace, made_by(snakemake))
