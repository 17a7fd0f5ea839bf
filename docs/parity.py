"""Measure how far this is from NFTsim in every case of the tests, and bring parity.md in line.

Run ``python -m docs.parity`` from the root of the repository (seconds). What compares with models
and recordings of NFTsim needs its files beside the repository, in ``../shared/reference``; where
they are not, these tables stay as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docs.tables import FOLDER, table, write
from tests.parity.recorded import CASES, worst_of_recorded
from tests.parity.tables import read_table, worst_of_file, worst_of_text

REFERENCE = FOLDER.parents[1] / "shared" / "reference"
PAGE = "parity.md"
#: The worst difference of a case, and the column where it is.
Worst = tuple[float, str]


def recorded() -> str:
    """Return the table of NFTsim's own test cases."""
    rows = [(f"`{case}`", *_measured(worst_of_recorded, case, REFERENCE)) for case in CASES]
    return table(("case", "worst error", "where"), rows)


def components() -> str:
    """Return the table of small models, a component or two each."""
    cases = read_table("components.json")["cases"]
    rows = [(name, *_measured(worst_of_text, case)) for name, case in cases.items()]
    return table(("case", "worst error", "where"), rows)


def shipped() -> str:
    """Return the table of the models that NFTsim ships."""
    cases = read_table("configs.json")["cases"]
    rows = [
        (f"`{name}`", _changes(case), *_measured(worst_of_file, name, case, REFERENCE))
        for name, case in cases.items()
    ]
    return table(("model", "changed to", "worst error", "where"), rows)


def mended() -> str:
    """Return the table of models that NFTsim gets wrong."""
    cases = read_table("mended.json")["cases"]
    rows = [
        (name, case["defect"], case["seen"].removeprefix("NFTsim as it is: "), worst, where)
        for name, case in cases.items()
        for worst, where in [_measured(worst_of_text, case)]
    ]
    return table(("case", "defect", "NFTsim as it is", "worst error", "where"), rows)


def _measured(run: Callable[..., Worst], *arguments: Any) -> tuple[str, str]:
    with TemporaryDirectory() as folder:
        worst, where = run(*arguments, Path(folder))
    return f"{worst:.0e}" if worst else "0", f"`{where.split()[0]}`, node {where.split()[-1]}"


def _changes(case: dict[str, Any]) -> str:
    return ", ".join(f"`{path}={value}`" for path, value in case["overrides"].items())


#: Tables, and whether they need the files of NFTsim.
TABLES: dict[str, tuple[Callable[[], str], bool]] = {
    "recorded": (recorded, True),
    "components": (components, False),
    "shipped": (shipped, True),
    "mended": (mended, False),
}


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # delays that do not fit, as in NFTsim's models
    for name, (make, outside) in TABLES.items():
        if outside and not REFERENCE.is_dir():
            print(f"{PAGE}: '{name}' stays as it is: there is no {REFERENCE}")
        else:
            write(PAGE, name, make())
