"""Compare a measured spectrum with the analytic one on the grid."""

from analysis.agreement import compare, write_comparison
from analysis.spectrum import read_spectrum
from workflow.lib.jobs import job
from workflow.lib.theory import read_theory

with job(snakemake) as log:
    frequency, curves = read_theory(snakemake.input.theory)
    measured = read_spectrum(snakemake.input.spectrum)
    comparison = compare(measured, frequency, curves["grid"], **snakemake.params.criteria)
    log.info("verdict: %s\n%s", comparison.verdict, comparison.to_frame().to_string(index=False))
    write_comparison(comparison, snakemake.output.json, snakemake.output.csv)
