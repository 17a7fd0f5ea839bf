"""Fixed points, warm-up and main run: results/{experiment}/{seed}/main.h5."""


rule steady:
    """Fixed points of the model as the warm-up has it, and their stability.

    The warm-up starts at the lowest stable one, or at that of `warmup.fixed_point`.
    """
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
        fixed_point=experiments.value("warmup.fixed_point"),
        code=source_digest("nftsim.theory.fixed_points", "nftsim.model"),
    script:
        "../scripts/steady.py"


# The first batch is any one seed, in wildcards; each of the others names seeds that are run together,
# and Snakemake prefers a rule without wildcards.
for batch in batches(experiments):

    rule:
        """Auxiliary run from the fixed point to t = 0, with noise; it must have settled."""
        name:
            batch.rule("warmup")
        input:
            model=batch.of(experiments.model),
            steady=batch.shared("steady.json"),
        output:
            runs=batch.files("warmup.h5"),
            settled=batch.files("settled.json"),
        log:
            batch.files("logs/warmup.log")[0],
        benchmark:
            batch.files("logs/warmup.benchmark.tsv")[0]
        conda:
            "../envs/nftsim.yaml"
        threads: batch.threads
        resources:
            mem_mb=batch.memory,
            runtime=batch.minutes("warmup.duration"),
        params:
            overrides=batch.of(experiments.warmup_overrides),
            duration=batch.of(experiments.value("warmup.duration")),
            settle=batch.of(experiments.value("warmup.settle")),
            noise=batch.of(experiments.noise),
            merge=batch.of(experiments.warmup_merge),
            code=source_digest(
                "nftsim.engine.simulate", "nftsim.model", "analysis.settling", "analysis.files"
            ),
        script:
            "../scripts/warmup.py"

    rule:
        """Main run; it starts at t = 0 from the end state of the warm-up of the same seed."""
        name:
            batch.rule("simulate")
        input:
            model=batch.of(experiments.model),
            initial=batch.files("warmup.h5"),
        output:
            runs=batch.files("main.h5"),
        log:
            batch.files("logs/simulate.log")[0],
        benchmark:
            batch.files("logs/simulate.benchmark.tsv")[0]
        conda:
            "../envs/nftsim.yaml"
        threads: batch.threads
        resources:
            mem_mb=batch.memory,
            runtime=batch.minutes("duration"),
        params:
            overrides=batch.of(experiments.overrides),
            duration=batch.of(experiments.value("duration")),
            noise=batch.of(experiments.noise),
            code=source_digest("nftsim.engine.simulate", "nftsim.model"),
        script:
            "../scripts/simulate.py"
