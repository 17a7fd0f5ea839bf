"""Measured and analytic spectra, and whether they agree: results/{experiment}/comparison.json."""


rule spectrum:
    """Power spectrum of the simulated field, over all seeds, with confidence intervals."""
    input:
        runs=experiments.runs,
    output:
        spectrum="results/{experiment}/spectrum.h5",
    log:
        "results/{experiment}/logs/spectrum.log",
    benchmark:
        "results/{experiment}/logs/spectrum.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        trace=experiments.value("spectrum.trace"),
        k0=experiments.value("spectrum.k0"),
        segment=experiments.value("spectrum.segment"),
        code=source_digest("analysis.spectra"),
    script:
        "../scripts/spectrum.py"


rule theory:
    """Analytic spectra of the linearised model at its fixed point; no simulation enters."""
    input:
        model=experiments.model,
    output:
        theory="results/{experiment}/theory.h5",
    log:
        "results/{experiment}/logs/theory.log",
    benchmark:
        "results/{experiment}/logs/theory.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        overrides=experiments.overrides,
        compat=experiments.compat,
        fixed_point=experiments.value("warmup.fixed_point"),
        trace=experiments.value("spectrum.trace"),
        k0=experiments.value("spectrum.k0"),
        resolution=experiments.value("spectrum.resolution"),
        interval=experiments.value("interval"),
        code=source_digest("analysis.comparable", "nftsim.theory.fixed_points", "nftsim.model"),
    script:
        "../scripts/theory.py"


rule compare:
    """Simulated over analytic power in each band, what made the difference, and the verdict."""
    input:
        spectrum="results/{experiment}/spectrum.h5",
        theory="results/{experiment}/theory.h5",
    output:
        json="results/{experiment}/comparison.json",
        csv=report(
            "results/{experiment}/comparison.csv",
            category="Comparison with theory",
            labels={"experiment": "{experiment}"},
            caption="../report/comparison.rst",
        ),
    log:
        "results/{experiment}/logs/compare.log",
    benchmark:
        "results/{experiment}/logs/compare.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=10,
    params:
        criteria=experiments.value("comparison"),
        code=source_digest("analysis.agreement", "analysis.spectrum"),
    script:
        "../scripts/compare.py"


rule agreement:
    """Simulated spectrum beside the analytic ones, their ratios, and scores at each frequency."""
    input:
        spectrum="results/{experiment}/spectrum.h5",
        theory="results/{experiment}/theory.h5",
        comparison="results/{experiment}/comparison.json",
    output:
        **pictures(
            "results/{experiment}/agreement", "Comparison with theory", experiment="{experiment}"
        ),
    log:
        "results/{experiment}/logs/agreement.log",
    benchmark:
        "results/{experiment}/logs/agreement.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        code=source_digest("analysis.figures.agreement"),
    script:
        "../scripts/agreement.py"
