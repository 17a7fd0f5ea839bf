"""Rules of the house that a reader cannot see kept by looking at one file."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from workflow.lib.digest import imported_names, sources

#: What scripts use that changes no result.
PLUMBING = ("analysis.files.atomic", "analysis.provenance.write_made")
OWN = ("nftsim", "analysis", "workflow")


def _rules(root: Path) -> dict[str, str]:
    """Return the text of every rule, by name; one made for several batches has that of its step."""
    rules = {}
    for path in [root / "Snakefile", *root.glob("workflow/rules/*.smk")]:
        pieces = re.split(r"^ *rule ?(\w*):\n", path.read_text(), flags=re.M)
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
            made = re.search(r'name:\s*batch\.rule\("(\w+)"\)', text)
            rules[name or (made[1] if made else "")] = text
    return rules


def _digested(root: Path) -> dict[str, list[str]]:
    """Return the modules whose digest each rule carries."""
    calls = {
        rule: re.search(r"source_digest\((.*?)\)", text, flags=re.S)
        for rule, text in _rules(root).items()
    }
    return {rule: re.findall(r'"([\w.]+)"', call[1]) for rule, call in calls.items() if call}


def test_snakefile_and_scripts_are_short(root: Path) -> None:
    assert len((root / "Snakefile").read_text().splitlines()) <= 60
    scripts = list(root.glob("workflow/scripts/*.py"))
    assert scripts
    assert [s.name for s in scripts if len(s.read_text().splitlines()) > 25] == []


def test_one_script_per_rule(root: Path) -> None:
    rules = set(_rules(root)) - {"all"}
    assert len(rules) >= 11
    assert {p.stem for p in root.glob("workflow/scripts/*.py")} == rules


def test_every_rule_is_documented_logged_measured_and_knows_its_sources(root: Path) -> None:
    for name, text in _rules(root).items():
        assert text.lstrip(" ").startswith('"""'), f"rule {name} has no docstring"
        if name == "all":
            continue
        for part in ("log:", "benchmark:", "conda:", "threads: ", "resources:", "mem_mb=",
                     "runtime=", "source_digest("):  # fmt: skip
            assert part in text, f"rule {name} has no {part}"
        assert f'"../scripts/{name}.py"' in text


def test_the_digest_of_a_rule_covers_what_its_script_imports(root: Path) -> None:
    for rule, modules in _digested(root).items():
        named = sources(*modules)
        for module in imported_names(root / f"workflow/scripts/{rule}.py", root):
            if module.startswith(("nftsim.", "analysis.")) and module not in PLUMBING:
                place = root.joinpath(*module.split(".")[:-1])
                files = {place.with_suffix(".py"), place / "__init__.py"}
                files |= {root.joinpath(*module.split(".")).with_suffix(".py")}
                assert files & named, f"rule {rule} does not follow {module}"


#: Source → the rules that must run again when it changes; none but these.
FOLLOWERS = [
    ("analysis/figures/fig07_frames.py", {"fig07"}),
    (
        "analysis/figures/style.py",
        {
            "fig02",
            "fig07",
            "fig08",
            "fig09",
            "fig10",
            "thumbnail",
            "performance",
            "agreement",
            "multistability",
            "stability_map",
            "sleep_wake",
            "spindle_harmonic",
            "sweep_figure",
        },
    ),
    ("analysis/figures/thumbnails.py", {"thumbnail"}),
    ("analysis/welch.py", {"theory", "compare", "agreement", "spindle_harmonic"}),
    ("analysis/settling.py", {"warmup", "sweep"}),
    ("nftsim/theory/linear.py", {"theory", "sleep_wake", "sweep"}),
    ("nftsim/theory/continuation.py", {"branches"}),
    ("nftsim/theory/arousal.py", {"sleep_wake"}),
    ("nftsim/engine/simulate.py", {"warmup", "simulate", "performance", "sweep"}),
    ("nftsim/engine/kernels/local.py", {"warmup", "simulate", "performance", "sweep"}),
    # run files hold their model, so that who reads them reads models
    (
        "nftsim/components/firing.py",
        {
            "steady",
            "warmup",
            "simulate",
            "theory",
            "spectrum",
            "fig07",
            "fig08",
            "fig09",
            "agreement",
            "thumbnail",
            "performance",
            "branches",
            "stability_map",
            "sleep_wake",
            "sweep",
            "sweep_figure",
            # warnings are read by those who know the guards
            "summary",
        },
    ),
    ("nftsim/cli.py", set()),
    # the benchmark counts the operations of the reference
    ("nftsim/reference/simulate.py", {"performance"}),
]


@pytest.mark.parametrize(("source", "rules"), FOLLOWERS)
def test_a_source_counts_for_the_rules_that_use_it(
    root: Path, source: str, rules: set[str]
) -> None:
    following = {
        rule for rule, modules in _digested(root).items() if root / source in sources(*modules)
    }
    assert following == rules


#: Where → what must not be imported there, and what of it may.
FORBIDDEN = [
    ("nftsim/engine/kernels", OWN, ("nftsim.engine.kernels",)),
    ("nftsim/theory", ("nftsim.engine", "analysis", "workflow"), ()),
    ("nftsim", ("analysis", "workflow", "snakemake"), ()),
    ("analysis", ("workflow", "snakemake"), ()),
]


@pytest.mark.parametrize(("where", "forbidden", "allowed"), FORBIDDEN)
def test_who_may_import_whom(
    root: Path, where: str, forbidden: tuple[str, ...], allowed: tuple[str, ...]
) -> None:
    files = list((root / where).rglob("*.py"))
    assert files

    def inside(name: str, packages: tuple[str, ...]) -> bool:
        return any(name == p or name.startswith(f"{p}.") for p in packages)

    found = [
        f"{path.relative_to(root)} imports {name}"
        for path in files
        for name in imported_names(path, root)
        if inside(name, forbidden) and not inside(name, allowed)
    ]
    assert found == []


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lock_pins_everything_by_hash_and_names_no_host(root: Path) -> None:
    text = (root / "requirements.lock").read_text()
    assert "://" not in text
    entries = re.findall(r"^([\w.-]+)==.*?\n((?:    --hash.*\n)+)", text, flags=re.M)
    names = {name for name, _ in entries}
    assert len(names) == len(re.findall(r"^\w", text, flags=re.M))
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {re.split(r"[<>=!~]", w)[0] for w in wanted} <= names


def test_what_is_written_from_the_lock_is_up_to_date(root: Path) -> None:
    pin = _load(root / "workflow" / "envs" / "pin.py")
    assert len(pin.TARGETS) == 3
    for target, text in pin.TARGETS.items():
        assert target.read_text() == text(), "run: make lock"


def test_containers_have_the_python_and_the_pins_of_the_environment(root: Path) -> None:
    folder = root / "workflow" / "envs"
    pin = _load(folder / "pin.py")
    for name in ("nftsim.def", "Dockerfile"):
        text = (folder / name).read_text()
        assert f"python:{pin.PYTHON}-slim" in text
        assert "--no-deps --require-hashes --requirement /opt/requirements.txt" in text
    needed = pin.entries(folder / "requirements.txt")
    assert set(pin.dependencies()) < set(needed)
    assert not {"pytest", "mypy", "mne"} & set(needed)
    assert needed.items() <= pin.entries(pin.LOCK).items()


def test_the_plugins_are_pinned_apart(root: Path) -> None:
    text = (root / "profiles" / "plugins.lock").read_text()
    assert "://" not in text
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[<>=!~]", w)[0] for w in project["optional-dependencies"]["slurm"]}
    names = set(re.findall(r"^([\w.-]+)==", text, flags=re.M))
    assert wanted <= names
    lock = (root / "requirements.lock").read_text()
    assert [name for name in names if re.search(rf"^{name}==", lock, flags=re.M)] == []


def _up_to_date(folder: Path) -> bool:
    done = subprocess.run(
        ["make", "--question", ".venv"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


def test_an_installation_that_was_cut_off_is_not_up_to_date(root: Path, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((root / "Makefile").read_text())
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    assert not _up_to_date(tmp_path)
    (tmp_path / ".venv").mkdir()
    assert not _up_to_date(tmp_path)
    (tmp_path / ".venv" / ".complete").touch()
    assert _up_to_date(tmp_path)
    future = (tmp_path / ".venv").stat().st_mtime + 10
    os.utime(tmp_path / "requirements.lock", (future, future))
    assert not _up_to_date(tmp_path)
