"""The table of a sweep: a row for each member, in order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd


def table(
    parts: Sequence[str | Path], wanted: Mapping[str, Any], names: Sequence[str]
) -> pd.DataFrame:
    """Return the table of a sweep.

    Parameters
    ----------
    parts
        Files of the records of all members.
    wanted
        ``parameters``, and ``members`` in order (see `workflow.lib.sweeps.Sweep.table`).
    names
        Of the measures, in order.

    Returns
    -------
    DataFrame
        ``experiment``, the parameters, ``seed``, ``status``, the measures, ``run`` if runs were
        kept, ``warnings``, the guards that have found something amiss, and ``note``.
    """
    records: dict[str, dict[str, Any]] = {}
    for part in parts:
        for line in Path(part).read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            records[record["id"]] = record
    rows = []
    for member in wanted["members"]:
        record = records[member["id"]]
        which = {"experiment": member["experiment"], **member["values"], "seed": member["seed"]}
        numbers = {name: record["numbers"].get(name) for name in names}
        warned = "; ".join(record.get("warnings", []))
        rest = {"warnings": warned, "note": record["note"]}
        rows.append({**which, "status": record["status"], **numbers, **rest})
        if "run" in record:
            rows[-1]["run"] = record["run"]
    kept = ["run"] if any("run" in row for row in rows) else []
    about = ["experiment", *wanted["parameters"], "seed", "status"]
    columns = [*about, *names, *kept, "warnings", "note"]
    return pd.DataFrame(rows, columns=columns)
