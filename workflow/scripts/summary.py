"""Write what was run, what came of it, and what it took, for the overview of the report."""

from analysis.provenance import write_made
from workflow.lib.jobs import job, made_by
from workflow.lib.summary import summarise

with job(snakemake):
    output = snakemake.output
    summarise(snakemake.params.settings, output)
    for path in (output.experiments_made, output.times_made):
        write_made(path, made_by(snakemake))
