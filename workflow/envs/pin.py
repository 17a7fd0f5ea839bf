"""Write what follows from the pins of requirements.lock; `make lock` runs this.

What is needed is listed once, in pyproject.toml. From it and the lock come the conda environment of
the rules (nftsim.yaml), what a container installs (requirements.txt), and the pins of the cluster
plugins (profiles/plugins.lock), which are kept apart because each start of Snakemake asks SLURM
once they are installed.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVS = Path(__file__).resolve().parent
LOCK, PLUGINS = ROOT / "requirements.lock", ROOT / "profiles" / "plugins.lock"
#: Python of the environment and of the containers.
PYTHON = "3.12"
#: Names that conda-forge spells differently.
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def entries(lock: Path) -> dict[str, str]:
    """Return the entries of a lock, name → text: the pin, its hashes, and who wants it."""
    parts = re.split(r"^(?=\w)", lock.read_text(), flags=re.M)
    return {re.split("==", part)[0]: part for part in parts if "==" in part}


def dependencies() -> list[str]:
    """Return the names of what nftsim depends on, without extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return sorted(re.split(r"[<>=!~ ]", text)[0] for text in project["dependencies"])


def environment() -> str:
    """Return the conda environment: the dependencies, which bring what they need themselves."""
    pins = {name: re.split(r"[=\s]+", text)[1] for name, text in entries(LOCK).items()}
    lines = [f"  - {CONDA_NAMES.get(name, name)} ={pins[name]}" for name in dependencies()]
    head = "# Written by workflow/envs/pin.py (make lock) from requirements.lock.\n"
    channels = "channels:\n  - conda-forge\n  - bioconda\n  - nodefaults\n"
    return head + channels + f"dependencies:\n  - python ={PYTHON}\n" + "\n".join(lines) + "\n"


def requirements() -> str:
    """Return the part of the lock that running takes: the dependencies and all that they need."""
    found = entries(LOCK)
    wanted_by = {
        name: set(re.findall(r"^    # (?:via |  )([\w.-]+)", text, re.M))
        for name, text in found.items()
    }
    needed, new = set[str](), set(dependencies())
    while new:
        needed |= new
        new = {name for name, by in wanted_by.items() if by & needed} - needed
    head = "# Written by workflow/envs/pin.py (make lock): requirements.lock without the extras.\n"
    return head + "".join(found[name] for name in sorted(needed))


def plugins() -> str:
    """Return the pins of the plugins without those that requirements.lock has."""
    common = entries(LOCK)
    return "".join(text for name, text in entries(PLUGINS).items() if name not in common)


#: File → what writes it.
TARGETS: dict[Path, Callable[[], str]] = {
    ENVS / "nftsim.yaml": environment,
    ENVS / "requirements.txt": requirements,
    PLUGINS: plugins,
}

if __name__ == "__main__":
    for target, text in TARGETS.items():
        target.write_text(text())
