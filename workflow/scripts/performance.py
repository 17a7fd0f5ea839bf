"""Make the tables and figures of what `make bench` measured."""

from pathlib import Path

from analysis.benchmark.report import report
from workflow.lib.jobs import job

with job(snakemake):
    report(Path(snakemake.input.runs).parent)
