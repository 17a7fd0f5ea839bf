"""Fixed points, warm-up and main run: results/{experiment}/{seed}/main.h5."""


rule steady:
    """Fixed points of the model as the warm-up has it; the lowest is where the warm-up starts."""
    input:
        model=experiments.model,
    output:
        json="results/{experiment}/steady.json",
        csv="results/{experiment}/steady.csv",
    log:
        "results/{experiment}/logs/steady.log",
    benchmark:
        "results/{experiment}/logs/steady.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=10,
    params:
        overrides=experiments.warmup_overrides,
        compat=experiments.compat,
        code=source_digest("nftsim.theory.fixed_points", "nftsim.model"),
    script:
        "../scripts/steady.py"


rule warmup:
    """Auxiliary run of one seed from the fixed point to t = 0, with noise; it must have settled."""
    input:
        model=experiments.model,
        steady="results/{experiment}/steady.json",
    output:
        run="results/{experiment}/{seed}/warmup.h5",
        settled="results/{experiment}/{seed}/settled.json",
    log:
        "results/{experiment}/{seed}/logs/warmup.log",
    benchmark:
        "results/{experiment}/{seed}/logs/warmup.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        overrides=experiments.warmup_overrides,
        duration=experiments.value("warmup.duration"),
        settle=experiments.value("warmup.settle"),
        noise=experiments.noise,
        code=source_digest("nftsim.engine.simulate", "nftsim.model", "analysis.settling"),
    script:
        "../scripts/warmup.py"


rule simulate:
    """Main run of one seed; it starts at t = 0 from the end state of the warm-up."""
    input:
        model=experiments.model,
        initial="results/{experiment}/{seed}/warmup.h5",
    output:
        run="results/{experiment}/{seed}/main.h5",
    log:
        "results/{experiment}/{seed}/logs/simulate.log",
    benchmark:
        "results/{experiment}/{seed}/logs/simulate.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 240 * attempt,
    params:
        overrides=experiments.overrides,
        duration=experiments.value("duration"),
        noise=experiments.noise,
        code=source_digest("nftsim.engine.simulate", "nftsim.model"),
    script:
        "../scripts/simulate.py"
