"""Figures 1, 3, 4, 5 and 6: diagrams of the processes, the code, the components and the grid."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import numpy as np
import pytest
import yaml
from matplotlib.figure import Figure

from analysis.figures import (
    fig01_processes,
    fig03_calls,
    fig04_components,
    fig05_grid,
    fig06_stencil,
    style,
)
from nftsim.components import ROLES
from nftsim.errors import NftsimError
from nftsim.model import load_model
from nftsim.reference.grid import surrounded
from workflow.lib.figures import DIAGRAMS as FILES

DIAGRAMS = [fig01_processes, fig03_calls, fig04_components, fig05_grid, fig06_stencil]


@pytest.mark.parametrize("module", DIAGRAMS)
def test_it_is_drawn_within_a_page_and_captioned(module, tmp_path: Path) -> None:
    fig = module.draw()
    assert fig.get_figwidth() * 2.54 <= style.PAGE + 1e-9
    assert (
        style.write(fig, tmp_path / "a.svg").read_bytes()
        == style.write(module.draw(), tmp_path / "b.svg").read_bytes()
    )
    assert len(module.caption()) > 100


def test_the_workflow_draws_them_all(root: Path) -> None:
    modules = {module.__name__.rpartition(".")[2] for module in DIAGRAMS}
    assert modules == set(FILES.values())
    config = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    assert set(FILES) <= set(config["figures"])


@pytest.mark.parametrize("module", DIAGRAMS)
def test_no_words_stand_outside_the_figure(module) -> None:
    fig = module.draw()
    fig.canvas.draw()
    width, height = fig.bbox.width, fig.bbox.height
    texts = [t for axes in fig.axes for t in axes.texts if t.get_text()]
    assert texts
    for text in texts:
        box = text.get_window_extent()
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text


def _words(fig: Figure) -> str:
    return " ".join(t.get_text() for axes in fig.axes for t in axes.texts)


def test_every_component_is_named() -> None:
    words = _words(fig04_components.draw())
    assert set(fig04_components.FLOW) == set(ROLES)
    for base in ROLES.values():
        assert all(keyword in words for keyword in base.registry)


@pytest.mark.parametrize("name", fig03_calls.PLACES)
def test_what_is_drawn_exists(name: str) -> None:
    module, function = name.split(":")
    assert hasattr(importlib.import_module(module), function)


@pytest.mark.parametrize(("caller", "callee"), fig03_calls.CALLS)
def test_what_is_drawn_is_called(caller: str, callee: str) -> None:
    """The caller's module, or what it imports from its package, names the callee."""
    module = importlib.import_module(caller.split(":")[0])
    function = callee.split(":")[1]
    named = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    assert function in named


def test_nodes_of_the_grid_are_where_the_paper_has_them() -> None:
    model = fig05_grid.example()
    assert model.shape == (3, 4)
    assert fig05_grid._centre(model, 0, 1) == pytest.approx((0.1, 0.1))
    assert fig05_grid._centre(model, 1, 1) == pytest.approx((0.01, 0.01))
    assert fig05_grid._centre(model, 0, 11) == pytest.approx((0.5, 0.5))
    large, small = fig05_grid.draw().axes
    assert large.get_xlim()[1] > 9 * small.get_xlim()[1]
    for number in range(1, 13):
        assert sum(t.get_text() == str(number) for t in large.texts) == 1


def test_a_grid_too_fine_to_number_is_refused() -> None:
    with pytest.raises(NftsimError, match="900|30 x 30"):
        fig05_grid.draw(load_model("eirs-wake", {"nodes": 900}))


def test_copies_around_the_grid_are_as_in_the_paper() -> None:
    """1′ is the copy of 1 along y, 1″ along x, and 1‴ along both."""
    cells = {fig06_stencil.label(r, c, 4, 4) for r in range(6) for c in range(6)}
    assert {"1", "1′", "1″", "1‴"} <= cells
    assert len(cells) == 36
    assert fig06_stencil.label(5, 1, 4, 4) == "1′"
    assert fig06_stencil.label(1, 5, 4, 4) == "1″"
    assert fig06_stencil.label(5, 5, 4, 4) == "1‴"


@pytest.mark.parametrize(("nx", "ny"), [(4, 4), (5, 3)])
def test_the_wrap_around_is_that_of_the_simulation(nx: int, ny: int) -> None:
    nodes = np.arange(1.0, nx * ny + 1).reshape(ny, nx)
    np.testing.assert_array_equal(fig06_stencil.wrapped(nx, ny), surrounded(nodes, sphere=False))
