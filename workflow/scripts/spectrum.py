"""Estimate the power spectrum of a trace from the main runs of all seeds."""

from analysis.spectra import spectrum_of_runs, write_spectrum
from workflow.lib.jobs import job, made_by

with job(snakemake) as log:
    wanted = snakemake.params
    spectrum = spectrum_of_runs(
        snakemake.input.runs, wanted.trace, segment=wanted.segment, k0=wanted.k0
    )
    for warning in spectrum.meta.get("warnings", []):
        log.warning(warning)
    write_spectrum(snakemake.output.spectrum, spectrum, made_by(snakemake))
