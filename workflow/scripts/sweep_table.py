"""Put the members of a sweep into one table."""

from analysis.files import atomic
from analysis.provenance import write_made
from workflow.lib.jobs import job, made_by
from workflow.lib.sweep_table import table

with job(snakemake) as log:
    wanted = snakemake.params
    found = table(snakemake.input.parts, wanted.table, wanted.columns)
    for status, count in found["status"].value_counts().items():
        log.info("%s: %d of %d", status, count, len(found))
    warned = int((found["warnings"] != "").sum())
    if warned:
        log.warning(
            "%d of %d runs have warnings; the table says of which guards", warned, len(found)
        )
    with atomic(snakemake.output.csv) as part:
        found.to_csv(part, index=False)
    settings = {"parameters": wanted.table["parameters"], **wanted.how}
    write_made(snakemake.output.json, made_by(snakemake, **settings))
