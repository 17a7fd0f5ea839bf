"""A machine and runs that were not measured, for the tests of the benchmark."""

import pandas as pd

from analysis.benchmark import machine
from analysis.benchmark.models import (
    DELTAT,
    SYSTEMS,
    conf,
)
from analysis.benchmark.timing import COLUMNS
from nftsim.engine.compile import compile_plan
from nftsim.model import parse_model

PEAKS = machine.Machine(
    flops=1e11,
    divide=1e-10,
    root=2e-10,
    bandwidth={"L1": 4e11, "L2": 2e11, "L3": 1e11, "memory": 2e10},
    sizes={"L1": 2**15, "L2": 2**20, "L3": 2**25, "memory": 2**34},
    about={
        "started": "2026-01-01T00:00", "nftsim_version": "1", "source_digest": "0",
        "processor": "made up", "cores": "2", "memory": "16 GiB", "system": "none",
        "python": "3", "packages": "none", "load": "0",
    },
)  # fmt: skip


def plan_of(name, nodes, **how):
    return compile_plan(parse_model(conf(name, nodes, 64), name), **how)


def made_up_row(**given):
    row = dict.fromkeys(COLUMNS, 0)
    row |= {
        "suite": "sheets", "model": "EIRS", "program": "ours", "mode": "step", "output": "none",
        "merge": True, "threads": 1, "members": 1, "repeat": 1, "nodes": 1024, "populations": 5,
        "connections": 11, "steps": 1000, "deltat_s": DELTAT, "time_s": 1000 * DELTAT,
        "scaled": 1000 * DELTAT / 16, "passes": 1, "max_rss_kb": 200_000, "estimate_kb": 210_000,
        "date": "2026-01-01",
    }  # fmt: skip
    row |= given
    ns = row["ns_per_node_step"]
    row["run_s"] = row["wall_s"] = 1e-9 * ns * row["nodes"] * row["steps"] * row["members"]
    return row


def made_up_runs():
    """Made-up runs: NFTsim takes 400 ns, ours 8 ns, and 100 or 1 ns for a number written."""
    rows = []
    for repeat in (1, 2, 3):
        shake = 1 + 0.01 * (repeat - 2)
        for name in SYSTEMS:
            for nodes in (1, 144, 1024, 4096, 16384):
                for output in ("none", "three"):
                    values = 3 * nodes * 1000 // 32 if output == "three" else 0
                    for program, speed, write in (("ours", 8.0, 1.0), ("NFTsim", 400.0, 100.0)):
                        ns = (speed + write * values / (nodes * 1000)) * shake
                        rows.append(
                            made_up_row(
                                model=name, nodes=nodes, output=output, program=program,
                                values=values, repeat=repeat, ns_per_node_step=ns,
                                mode="process" if program == "NFTsim" else "step",
                                file_kb=values * 8 / 1024,
                            )
                        )  # fmt: skip
        for threads in (1, 2):
            rows.append(made_up_row(suite="threads", nodes=16384, threads=threads, repeat=repeat,
                                    ns_per_node_step=8.0 / threads))  # fmt: skip
        for merge in (True, False):
            rows.append(made_up_row(suite="merging", merge=merge, repeat=repeat,
                                    ns_per_node_step=8.0 if merge else 20.0))  # fmt: skip
        for members in (1, 64):
            rows.append(made_up_row(suite="ensembles", nodes=1, members=members, repeat=repeat,
                                    mode="ensemble", ns_per_node_step=200 / members))  # fmt: skip
        rows.append(made_up_row(suite="delays", model="EIRS, 80 ms", max_tau_s=0.08,
                                repeat=repeat, ns_per_node_step=8.0))  # fmt: skip
        rows.append(made_up_row(suite="disk", repeat=repeat, ns_per_node_step=8.0))
        rows.append(made_up_row(suite="disk", repeat=repeat, ns_per_node_step=10.0, output="all",
                                mode="write", file_kb=1000.0))  # fmt: skip
        for program, mode, ns in (
            ("ours", "process", 10.0), ("ours", "write", 8.8), ("ours", "step", 8.0),
            ("NFTsim", "process", 500.0),
        ):  # fmt: skip
            rows.append(
                made_up_row(suite="files", model="eirs-nodes-1024", program=program, mode=mode,
                            output="none" if mode == "step" else "file", repeat=repeat,
                            ns_per_node_step=ns)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))
