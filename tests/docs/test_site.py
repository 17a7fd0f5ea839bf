"""The documentation as a site: it builds without a warning, and reads from disk."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nftsim
from tests.browser import Browser


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does."""
    pytest.importorskip("mkdocs", reason="mkdocs is not installed")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_there(root: Path, site: Path) -> None:
    pages = {path.stem for path in root.glob("docs/*.md")}
    assert len(pages) >= 16
    assert pages == {path.stem for path in site.glob("*.html")} - {"404"}
    assert not list(site.rglob("*.py"))
    start = (site / "index.html").read_text()
    assert [page for page in pages if f'href="{page}.html"' not in start] == []


def test_every_formula_is_mathml(root: Path, site: Path) -> None:
    for page in root.glob("docs/*.md"):
        formulae = len(re.findall(r"\$\$.+?\$\$", page.read_text(), flags=re.DOTALL))
        html = (site / f"{page.stem}.html").read_text()
        assert html.count('<math xmlns="http://www.w3.org/1998/Math/MathML"') == formulae
        assert "$$" not in html


def test_the_reference_has_every_public_name(root: Path, site: Path) -> None:
    text = (root / "docs" / "api.md").read_text()
    html = (site / "api.html").read_text()
    shown = [
        getattr(importlib.import_module(home), name)
        for home, _, name in (
            line.rpartition(".") for line in re.findall(r"^::: (.*)$", text, re.M)
        )
    ]
    for name in set(nftsim.__all__) - {"__version__", "components"}:
        assert getattr(nftsim, name) in shown, name
    # docstrings, not only names
    assert "any case is accepted" in html
    assert "Length of the run [s]" in html


def test_it_reads_from_disk(browser: Browser, site: Path) -> None:
    for path in sorted(site.glob("*.html")):
        with browser.open(path) as opened:
            if path.stem != "404":  # made for a server
                assert opened.text("h1").rstrip("¶").strip()
                assert opened.complaints == [], path.name
                wide = "document.documentElement.scrollWidth - window.innerWidth"
                assert opened.page.evaluate(wide) <= 0, f"{path.name} is wider than the window"


def test_it_can_be_searched_from_disk(browser: Browser, site: Path) -> None:
    with browser.open(site / "index.html") as opened:
        opened.page.click(".md-search__input")
        opened.page.keyboard.type("checkpoint")
        opened.page.wait_for_selector(".md-search-result__link")
        found = opened.page.get_attribute(".md-search-result__link", "href")
        assert any(f"{page}.html" in found for page in ("workflow", "file-format", "clusters"))
        assert opened.complaints == []
