"""The Snakemake workflow: thin rules and scripts around `nftsim` and `analysis`."""
