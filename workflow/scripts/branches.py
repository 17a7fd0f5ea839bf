"""Write the branches of fixed points of a model along a parameter, as JSON and as a table."""

import json

from analysis.files import atomic
from nftsim.model import load_model
from nftsim.theory.branches import branches
from workflow.lib.jobs import job, made_by

with job(snakemake) as log:
    wanted = snakemake.params
    changes = {} if wanted.nodes is None else {"nodes": wanted.nodes}
    model = load_model(snakemake.input.model, changes)
    found = branches(model, wanted.parameter, *wanted.range)
    log.info("%d branches, complete: %s", len(found.branches), found.complete)
    content = {"name": snakemake.wildcards.model, **found.to_dict()}
    content["provenance"] = made_by(snakemake)
    with atomic(snakemake.output.json) as part:
        part.write_text(json.dumps(content) + "\n")
    with atomic(snakemake.output.csv) as part:
        found.to_frame().to_csv(part, index=False)
