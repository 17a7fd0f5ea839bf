"""Write nftsim.yaml, the conda environment of the rules, with the versions of requirements.lock.

Run by `make lock`; what needs an environment is listed once, in pyproject.toml.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(__file__).with_name("nftsim.yaml")
#: Names that conda-forge spells differently.
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def environment() -> str:
    """Return the text of the environment file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = dict(
        re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), re.M)
    )
    names = sorted(re.split(r"[<>=!~ ]", text)[0] for text in project["dependencies"])
    lines = [f"  - {CONDA_NAMES.get(name, name)} ={pins[name]}" for name in names]
    head = "# Written by workflow/envs/pin.py (make lock) from requirements.lock.\n"
    channels = "channels:\n  - conda-forge\n  - bioconda\n  - nodefaults\n"
    return head + channels + "dependencies:\n  - python =3.12\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(environment())
