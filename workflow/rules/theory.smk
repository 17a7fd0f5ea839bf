"""What theory says over ranges of parameters, with figures: results/theory/, results/figures/."""


rule branches:
    """Fixed points of a model along a parameter, through folds, with stability."""
    input:
        model=lambda wildcards: model_file(wildcards.model),
    output:
        json="results/theory/branches/{model}.json",
        csv="results/theory/branches/{model}.csv",
    log:
        "results/theory/logs/branches-{model}.log",
    benchmark:
        "results/theory/logs/branches-{model}.benchmark.tsv"
    wildcard_constraints:
        model=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=30,
    params:
        parameter=figures.value("multistability", "parameter"),
        range=figures.value("multistability", "range"),
        nodes=figures.value("multistability", "nodes"),
        code=source_digest("nftsim.theory.branches", "nftsim.model"),
    script:
        "../scripts/branches.py"


rule multistability:
    """Branches of fixed points along the strength from cortex to relay nuclei."""
    input:
        branches=figures.branches,
    output:
        **pictures("results/figures/multistability", "Theory", figure="multistability"),
    log:
        "results/figures/logs/multistability.log",
    benchmark:
        "results/figures/logs/multistability.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        code=source_digest("analysis.figures.multistability"),
    script:
        "../scripts/multistability.py"


rule stability_map:
    """Fixed points of a model over two parameters, and how many of them are stable."""
    input:
        model=figures.map_model,
    output:
        **pictures("results/figures/stability_map", "Theory", figure="stability map"),
        json="results/theory/stability_map.json",
        csv="results/theory/stability_map.csv",
    log:
        "results/theory/logs/stability_map.log",
    benchmark:
        "results/theory/logs/stability_map.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=60,
    params:
        x=figures.value("stability_map", "x"),
        y=figures.value("stability_map", "y"),
        nodes=figures.value("stability_map", "nodes"),
        code=source_digest("analysis.figures.stability_map", "nftsim.theory.stability_map"),
    script:
        "../scripts/stability_map.py"


rule sleep_wake:
    """States of arousal by the strengths of their loops, and where stability ends."""
    input:
        models=figures.panel_models("sleep_wake"),
    output:
        **pictures("results/figures/sleep_wake", "Theory", figure="sleep and wake"),
    log:
        "results/figures/logs/sleep_wake.log",
    benchmark:
        "results/figures/logs/sleep_wake.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        panels=figures.panels("sleep_wake"),
        z=figures.value("sleep_wake", "z"),
        code=source_digest("analysis.figures.sleep_wake"),
    script:
        "../scripts/sleep_wake.py"


rule spindle_harmonic:
    """Simulated and analytic spectra of spindles, with noise raised in steps."""
    input:
        spectra=figures.results("spindle_harmonic", "spectrum.h5"),
        theories=figures.results("spindle_harmonic", "theory.h5"),
    output:
        **pictures(
            "results/figures/spindle_harmonic", "Comparison with theory", figure="spindle harmonic"
        ),
    log:
        "results/figures/logs/spindle_harmonic.log",
    benchmark:
        "results/figures/logs/spindle_harmonic.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        code=source_digest("analysis.figures.spindle_harmonic", "analysis.predicted"),
    script:
        "../scripts/spindle_harmonic.py"
