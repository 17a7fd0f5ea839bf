"""Put the members of a sweep into one table."""

from analysis.files import atomic
from workflow.lib.jobs import job
from workflow.lib.sweep_table import table

with job(snakemake) as log:
    wanted = snakemake.params
    found = table(snakemake.input.parts, wanted.table, wanted.columns)
    for status, count in found["status"].value_counts().items():
        log.info("%s: %d of %d", status, count, len(found))
    with atomic(snakemake.output.csv) as part:
        found.to_csv(part, index=False)
