"""From model files to the figures: fixed points, warm-up, main runs, spectra, theory, comparison.

config.yaml says what to run; workflow/rules/ how. Try `snakemake --cores 8 --dry-run`.
"""

import sys

from snakemake.utils import min_version

min_version("9.0")
sys.path.insert(0, workflow.basedir)

from workflow.lib.reading import require_harmless_or_exit

require_harmless_or_exit("config.yaml", *workflow.configfiles)


configfile: "config.yaml"


report: "workflow/report/overview.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/simulation.smk"
include: "workflow/rules/spectra.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/theory.smk"
include: "workflow/rules/sweeps.smk"
include: "workflow/rules/performance.smk"
include: "workflow/rules/report.smk"


wildcard_constraints:
    experiment=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    seed=r"[0-9]+",


localrules:
    all,


rule all:
    """Every figure, comparison and sweep, the runs of experiments without, and Table 5."""
    default_target: True
    input:
        experiments.targets(),
        figures.targets(),
        sweeps.targets(),
        "results/summary/overview.rst",
        measured(),
