"""Many runs over values of parameters: results/sweeps/{sweep}/table.csv, results/figures/sweeps/."""

from workflow.lib.sweeps import Sweeps

sweeps = Sweeps(settings["sweeps"])


wildcard_constraints:
    sweep=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    part=r"[0-9]+",


rule sweep:
    """Warm-ups and main runs of some members, together; those that are ready are left alone."""
    input:
        models=sweeps.of("models"),
    output:
        part="results/sweeps/{sweep}/parts/{part}.jsonl",
    log:
        "results/sweeps/{sweep}/logs/{part}.log",
    benchmark:
        "results/sweeps/{sweep}/logs/{part}.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=sweeps.memory,
        runtime=sweeps.minutes,
    params:
        how=sweeps.of("how"),
        members=sweeps.members,
        code=source_digest("workflow.lib.sweep_runs"),
    script:
        "../scripts/sweep.py"


rule sweep_table:
    """One table of all members: parameters, seed, what became of it, measures."""
    input:
        parts=sweeps.of("files"),
    output:
        csv="results/sweeps/{sweep}/table.csv",
        json="results/sweeps/{sweep}/table.json",
    log:
        "results/sweeps/{sweep}/logs/table.log",
    benchmark:
        "results/sweeps/{sweep}/logs/table.benchmark.tsv"
    group:
        "tables"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=10,
    params:
        table=sweeps.of("table"),
        columns=sweeps.of("columns"),
        how=sweeps.of("how"),
        code=source_digest("workflow.lib.sweep_table"),
    script:
        "../scripts/sweep_table.py"


rule sweep_figure:
    """What was measured against the parameters: lines with their spread over seeds, or maps."""
    input:
        csv="results/sweeps/{sweep}/table.csv",
    output:
        **pictures("results/figures/sweeps/{sweep}", "Sweeps", sweep="{sweep}"),
    log:
        "results/sweeps/{sweep}/logs/figure.log",
    benchmark:
        "results/sweeps/{sweep}/logs/figure.benchmark.tsv"
    group:
        "tables"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        shown=sweeps.of("shown"),
        code=source_digest("analysis.figures.sweep"),
    script:
        "../scripts/sweep_figure.py"
