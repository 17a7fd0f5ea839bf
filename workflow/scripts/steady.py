"""Write the fixed points of a model as JSON and as a table."""

import json

from analysis.files import atomic
from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states
from workflow.lib.jobs import job

with job(snakemake) as log:
    wanted = snakemake.params
    model = load_model(snakemake.input.model, wanted.overrides, compat=wanted.compat)
    states = steady_states(model)
    log.info("%d fixed points: %s", len(states.fixed_points), states.to_dict())
    with atomic(snakemake.output.json) as part:
        part.write_text(json.dumps(states.to_dict(), indent=2) + "\n")
    with atomic(snakemake.output.csv) as part:
        states.to_frame().to_csv(part, index=False)
