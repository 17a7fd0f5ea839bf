"""Write the analytic spectrum of a trace: of the equations, on the grid, and of the steps."""

from dataclasses import replace

from analysis.comparable import why_not
from analysis.prediction import predict
from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states
from workflow.lib.jobs import job, made_by
from workflow.lib.theory import write_theory

with job(snakemake) as log:
    wanted = snakemake.params
    model = load_model(snakemake.input.model, wanted.overrides, compat=wanted.compat)
    states = steady_states(model)
    prediction = predict(
        model,
        states.numbered(wanted.fixed_point),
        wanted.trace,
        k0=wanted.k0,
        interval=wanted.interval,
        resolution=wanted.resolution,
        compat=wanted.compat,
    )
    place = wanted.fixed_point - 1 if wanted.fixed_point else states.choice
    reason = why_not(states, place, wanted.trace, prediction)
    prediction = replace(prediction, reason=reason)
    write_theory(snakemake.output.theory, prediction, wanted.trace, made_by(snakemake))
