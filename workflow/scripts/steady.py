"""Write the fixed points of a model as JSON and as a table."""

import json

from analysis.files import atomic
from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states
from workflow.lib.jobs import job, made_by

with job(snakemake) as log:
    wanted = snakemake.params
    model = load_model(snakemake.input.model, wanted.overrides, compat=wanted.compat)
    states = steady_states(model)
    chosen = states.numbered(wanted.fixed_point)  # which must exist
    content = states.to_dict(wanted.fixed_point) | {"provenance": made_by(snakemake)}
    log.info("%d fixed points: %s", len(states.fixed_points), content)
    log.info("warm-ups start at %s s^-1", chosen.rates.tolist())
    with atomic(snakemake.output.json) as part:
        part.write_text(json.dumps(content, indent=2) + "\n")
    with atomic(snakemake.output.csv) as part:
        states.to_frame().to_csv(part, index=False)
