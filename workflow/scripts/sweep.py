"""Run some members of a sweep, those that have not been run yet."""

from workflow.lib.jobs import job, running
from workflow.lib.sweep_runs import run_part

with job(snakemake) as log, running(snakemake, log) as runs:
    wanted = snakemake.params
    run_part(wanted.members, wanted.how, snakemake.output.part, runs)
