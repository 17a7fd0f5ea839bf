"""Write what was run, what came of it, and what it took, for the overview of the report."""

from workflow.lib.jobs import job
from workflow.lib.summary import summarise

with job(snakemake):
    summarise(snakemake.params.settings, snakemake.output)
