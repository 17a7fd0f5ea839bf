"""The environment of the processes that Snakemake starts."""

from __future__ import annotations

import os
from pathlib import Path


def let_scripts_import(root: str | Path) -> None:
    """Put the repository first on the path of scripts, whichever interpreter runs them.

    So they use the packages of this working copy, also in an environment that has only the
    dependencies.
    """
    path = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(
        dict.fromkeys(os.pathsep.join(path).split(os.pathsep))
    )
