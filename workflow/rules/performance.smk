"""Speed and memory: tables and figures of what `make bench` measured: results/benchmark/."""


rule performance:
    """Table 5 and the figures of the benchmark, where it has been run."""
    input:
        runs="results/benchmark/runs.csv",
    output:
        table=report(
            "results/benchmark/table5.csv",
            category="Performance",
            labels={"table": "5", "format": "csv"},
            caption="../report/performance.rst",
        ),
        png=report(
            "results/benchmark/time-against-nodes.png",
            category="Performance",
            labels={"figure": "time against nodes", "format": "png"},
            caption="../report/performance.rst",
        ),
    log:
        "results/benchmark/logs/performance.log",
    benchmark:
        "results/benchmark/logs/performance.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        code=source_digest("analysis.benchmark.report"),
    script:
        "../scripts/performance.py"
