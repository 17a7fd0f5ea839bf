"""Write the analytic spectrum of a trace, for continuous space and for the grid."""

from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import spectrum
from workflow.lib.jobs import job
from workflow.lib.theory import frequencies, write_theory

with job(snakemake) as log:
    wanted = snakemake.params
    model = load_model(snakemake.input.model, wanted.overrides, compat=wanted.compat)
    lowest = steady_states(model).fixed_points[0]
    f = frequencies(wanted.resolution, wanted.interval)
    curves = {
        kind: spectrum(model, lowest, wanted.trace, f, k0=wanted.k0, wavenumbers=kind)
        for kind in ("continuous", "grid")
    }
    write_theory(snakemake.output.theory, f, curves, wanted.trace)
