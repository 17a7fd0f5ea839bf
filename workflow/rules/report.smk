"""What the overview of the report says of all experiments: results/summary/."""


rule summary:
    """Tables of what was run, the verdicts, run times and provenance, and their text."""
    input:
        runs=experiments.all_runs(),
        settled=experiments.all_runs("settled.json"),
        comparisons=experiments.all_comparisons(),
    output:
        experiments=report(
            "results/summary/experiments.csv",
            category="Overview",
            labels={"table": "experiments and verdicts", "format": "csv"},
            caption="../report/experiments.rst",
        ),
        times=report(
            "results/summary/times.csv",
            category="Overview",
            labels={"table": "run times", "format": "csv"},
            caption="../report/times.rst",
        ),
        text="results/summary/overview.rst",
        experiments_made="results/summary/experiments.json",
        times_made="results/summary/times.json",
    log:
        "results/summary/logs/summary.log",
    benchmark:
        "results/summary/logs/summary.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=10,
    params:
        settings=experiments.summary(),
        code=source_digest("workflow.lib.summary"),
    script:
        "../scripts/summary.py"
