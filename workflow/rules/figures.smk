"""The figures of the paper, as PDF and PNG, each with its caption: results/figures/."""


rule diagram:
    """A diagram of the processes, the code, the components or the grid; it shows no run."""
    output:
        **pictures("results/figures/{diagram}", "Architecture and grid", figure="{diagram}"),
    log:
        "results/figures/logs/{diagram}.log",
    benchmark:
        "results/figures/logs/{diagram}.benchmark.tsv"
    wildcard_constraints:
        diagram="|".join(DIAGRAMS.values()),
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        code=lambda wildcards: source_digest(f"analysis.figures.{wildcards.diagram}"),
    script:
        "../scripts/diagram.py"


rule fig02:
    """Impulse response of the dendrite, and when it peaks."""
    output:
        **pictures("results/figures/fig02_dendritic_response", "Theory", figure="2"),
    log:
        "results/figures/logs/fig02.log",
    benchmark:
        "results/figures/logs/fig02.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        alpha=figures.value("fig02", "alpha"),
        beta=figures.value("fig02", "beta"),
        code=source_digest("analysis.figures.fig02_dendritic_response"),
    script:
        "../scripts/fig02.py"


rule fig07:
    """The field at six times after the pulses, its mean subtracted."""
    input:
        run=figures.run("fig07"),
    output:
        **pictures("results/figures/fig07_frames", "Simulation", figure="7"),
    log:
        "results/figures/logs/fig07.log",
    benchmark:
        "results/figures/logs/fig07.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        trace=figures.value("fig07", "trace"),
        times=figures.value("fig07", "times"),
        code=source_digest("analysis.figures.fig07_frames"),
    script:
        "../scripts/fig07.py"


rule fig08:
    """The field in time, at the sites of the pulses and around them."""
    input:
        run=figures.run("fig08"),
    output:
        **pictures("results/figures/fig08_timeseries", "Simulation", figure="8"),
    log:
        "results/figures/logs/fig08.log",
    benchmark:
        "results/figures/logs/fig08.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        trace=figures.value("fig08", "trace"),
        reach=figures.value("fig08", "reach"),
        code=source_digest(
            "analysis.figures.fig08_timeseries", "analysis.figures.style", "nftsim.io"
        ),
    script:
        "../scripts/fig08.py"


rule fig09:
    """Schematics of models, drawn from their connection matrices."""
    input:
        models=figures.models("fig09"),
    output:
        **pictures("results/figures/fig09_schematics", "Models", figure="9"),
    log:
        "results/figures/logs/fig09.log",
    benchmark:
        "results/figures/logs/fig09.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        code=source_digest("analysis.figures.fig09_schematics", "nftsim.model"),
    script:
        "../scripts/fig09.py"


rule fig10:
    """Simulated and analytic spectrum, with the verdict on their agreement."""
    input:
        spectrum=figures.result("fig10", "spectrum.h5"),
        theory=figures.result("fig10", "theory.h5"),
        comparison=figures.result("fig10", "comparison.json"),
    output:
        **pictures("results/figures/fig10_spectrum", "Comparison with theory", figure="10"),
    log:
        "results/figures/logs/fig10.log",
    benchmark:
        "results/figures/logs/fig10.benchmark.tsv"
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        code=source_digest("analysis.figures.fig10_spectrum"),
    script:
        "../scripts/fig10.py"


rule thumbnail:
    """Typical behaviour of one model of the library, small."""
    input:
        runs=figures.thumbnail_runs,
    output:
        **pictures("results/figures/models/{model}", "Models", figure="{model}"),
    log:
        "results/figures/models/logs/{model}.log",
    benchmark:
        "results/figures/models/logs/{model}.benchmark.tsv"
    wildcard_constraints:
        model=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    conda:
        "../envs/nftsim.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=10,
    params:
        code=source_digest("analysis.figures.thumbnails"),
    script:
        "../scripts/thumbnail.py"
