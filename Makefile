# The verbs of this project, the same for people and machines. `make help` lists them.
# Needs Python >= 3.11 (another one: make PYTHON=python3.12), make and a C compiler; everything else
# is installed into .venv from requirements.lock.

PYTHON ?= python3
UV ?= uv
CORES ?= all
PACKAGES := nftsim analysis workflow/lib
BIN := $(CURDIR)/.venv/bin
PIP := -m pip install --quiet --disable-pip-version-check --no-deps
COMPILE := --universal --fork-strategy fewest --generate-hashes --no-header --quiet --upgrade

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := figures

.PHONY: figures install test test-slow test-slurm check docs format report bench lock clean distclean help FORCE

figures: .venv ## install, simulate, compare with theory and draw every figure (the default)
	$(BIN)/snakemake --cores $(CORES)

install: .venv ## install what is pinned into .venv, with the commands in .venv/bin

test: .venv ## install and run the test suite (PYTEST_ARGS="-m 'not slow'" for the quick part)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

test-slow: .venv ## what takes too long for every day: 50 kills of a workflow, long fuzzes
	$(BIN)/python -m pytest -m exhaustive $(PYTEST_ARGS)

test-slurm: build/cluster ## jobs on a SLURM of its own, killed in every way (Debian, as root)
	$(BIN)/python -m pytest -m slurm tests/slurm $(PYTEST_ARGS)

check: .venv docs ## lint: ruff, formats, types, workflow; and the documentation must build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

docs: .venv ## the documentation as a site: build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

format: .venv ## put Python and Snakemake files into the format that `make check` wants
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

report: figures ## one HTML file with all results
	$(BIN)/snakemake --report results/report.html

bench: .venv ## measure speed and memory (BENCH_ARGS=--quick for a taste, --help for all there is)
	$(BIN)/python -m analysis.benchmark $(BENCH_ARGS)

lock: ## pin the newest allowed versions of all dependencies (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 2; }
	$(UV) pip compile pyproject.toml --extra dev --extra eeg --extra movies $(COMPILE) \
	    --output-file requirements.lock
	$(UV) pip compile pyproject.toml --extra slurm --constraint requirements.lock $(COMPILE) \
	    --output-file profiles/plugins.lock
	$(PYTHON) workflow/envs/pin.py

clean: ## delete the results
	find results -mindepth 1 ! -name .gitkeep -delete
	rm -rf .snakemake

distclean: clean ## delete the results and the environment
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

help: ## list the verbs
	@sed -n 's/^\([a-z.]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 12

# A folder's time says nothing about an installation that was cut off, so its end is marked by a file;
# without the file the folder is made anew. The file comes last, and touches the folder.
.venv: requirements.lock pyproject.toml $(if $(wildcard .venv/.complete),,FORCE)
	@$(PYTHON) -c 'import sys; v = sys.version_info; \
	    v >= (3, 11) or sys.exit("Python >= 3.11 is needed, $(PYTHON) is %d.%d: try make PYTHON=python3.12" % v[:2])'
	@echo "installing the pinned dependencies into .venv: about a minute"
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) --no-compile --require-hashes -r requirements.lock
	$(BIN)/python $(PIP) --no-build-isolation --editable .
	$(BIN)/python -m compileall -q -j 0 .venv/lib > /dev/null || true # some have templates, no Python
	$(BIN)/python -m nftsim.engine.warm
	touch .venv/.complete .venv

# .venv and the cluster plugins on top of it, for `make test-slurm`: in .venv itself they would ask
# SLURM at each start of Snakemake.
build/cluster: profiles/plugins.lock .venv
	rm -rf $@
	$(BIN)/python -m venv $@
	echo "import site; site.addsitedir('$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')')" \
	    > $$($@/bin/python -c 'import site; print(site.getsitepackages()[0])')/base.pth
	$@/bin/python $(PIP) --require-hashes -r profiles/plugins.lock
	touch $@

FORCE:
