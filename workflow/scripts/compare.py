"""Compare a measured spectrum with the analytic one of the simulation's steps."""

import sys

from analysis.agreement import judge, write_comparison
from analysis.spectrum import read_spectrum
from workflow.lib.jobs import job, made_by
from workflow.lib.theory import read_theory
from workflow.lib.verdict import in_short

with job(snakemake) as log:
    theory = read_theory(snakemake.input.theory)
    measured = read_spectrum(snakemake.input.spectrum)
    criteria = snakemake.params.criteria
    comparison = judge(measured, theory, **criteria)
    log.info("verdict: %s\n%s", comparison.verdict, comparison.to_frame().to_string(index=False))
    written = snakemake.output.json, snakemake.output.csv
    write_comparison(comparison, *written, made_by(snakemake))
    print(f"{snakemake.wildcards.experiment}: {in_short(comparison)}", file=sys.stderr)
