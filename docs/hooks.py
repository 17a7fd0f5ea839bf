"""What MkDocs does to our pages beside its own, so that the site needs no network.

Formulae become MathML, which browsers draw without a script; and where the theme would fetch a
script for searching from disk, it has ours.
"""

from __future__ import annotations

import re
from typing import Any

from latex2mathml.converter import convert

_FORMULA = re.compile(r"\$\$(.+?)\$\$", flags=re.DOTALL)
_FETCHED, _OURS = "https://unpkg.com/iframe-worker/shim", "assets/search-on-disk.js"
_CODE = re.compile(r"^(```.*?^```)", flags=re.DOTALL | re.MULTILINE)


def on_page_markdown(markdown: str, **_given: Any) -> str:
    """Return the text of a page with MathML in place of ``$$ … $$``, code left as it is."""
    parts = _CODE.split(markdown)
    return "".join(
        part if index % 2 else _FORMULA.sub(_mathml, part) for index, part in enumerate(parts)
    )


def on_post_page(output: str, **_given: Any) -> str:
    """Return a page with our script in place of a fetched one; all pages lie side by side."""
    return output.replace(_FETCHED, _OURS)


def _mathml(found: re.Match[str]) -> str:
    formula = " ".join(found[1].split())
    return f'\n\n<div class="formula">{convert(formula, display="block")}</div>\n\n'
