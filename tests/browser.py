"""Pages opened in a browser, as a person would: without a network, and every complaint kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: Programs that will do.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Opened:
    """A page in the browser; `complaints`: errors of scripts, and what was asked of a network."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        page.on("request", self._requested)
        page.on("console", self._said)

    def _requested(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.complaints.append(f"asked for {request.url[:200]}")

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        return str(self.page.text_content(selector)).strip()


class Browser:
    """Headless Chromium."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    @contextmanager
    def open(self, path: Path, *, width: int = 1300, height: int = 900) -> Iterator[Opened]:
        """Open a file, with the network cut off."""
        context = self._browser.new_context(viewport={"width": width, "height": height})
        context.set_offline(True)
        opened = Opened(context.new_page())
        opened.page.goto(path.resolve().as_uri())
        yield opened
        context.close()


@contextmanager
def started() -> Iterator[Browser]:
    """Start the browser of this machine; skip the test where there is none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(NAMES)}")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        # the pages are our own, and as root Chromium has no sandbox
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield Browser(browser)
        browser.close()
