"""Count the fixed points of a model over two parameters, and draw the map."""

import json

import numpy as np

from analysis.figures import stability_map as figure
from analysis.files import atomic
from nftsim.model import load_model
from nftsim.theory.stability_map import stability_map
from workflow.lib.drawing import save_figure
from workflow.lib.jobs import job, made_by

with job(snakemake) as log:
    x, y, nodes = (snakemake.params[name] for name in ("x", "y", "nodes"))
    model = load_model(snakemake.input.model, {} if nodes is None else {"nodes": nodes})
    values = [np.linspace(*axis["range"], axis["count"]) for axis in (x, y)]
    found = stability_map(model, (x["parameter"], y["parameter"]), *values)
    content = {"name": model.name, **found.to_dict(), "provenance": made_by(snakemake)}
    with atomic(snakemake.output.json) as part:
        part.write_text(json.dumps(content) + "\n")
    with atomic(snakemake.output.csv) as part:
        found.to_frame().to_csv(part, index=False)
    drawn = figure.draw(content, (x["label"], y["label"]))
    save_figure(drawn, figure.caption(content), snakemake)
