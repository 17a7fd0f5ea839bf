"""What ``nftsim list`` prints: the library's models, and every component with its parameters."""

from __future__ import annotations

from collections.abc import Iterator

from nftsim.components import ROLES
from nftsim.model import library
from nftsim.model.keys import requirement

#: Headings of the roles.
HEADINGS = {"firing": "firing responses", "stimulus": "stimuli"}


def listing() -> Iterator[str]:
    """Yield the lines of the listing."""
    yield "models:"
    for name, path in library().items():
        title = path.read_text(encoding="utf-8").strip().splitlines()[0]
        yield f"  {name:18s} {title}"
    for role, base in ROLES.items():
        yield ""
        yield f"{HEADINGS.get(role, f'{role}s')}:"
        for keyword, cls in base.registry.items():
            yield f"  {keyword or '(no name)':14s} {cls.equation}    [{cls.source}]"
            for attribute, p in cls.parameters().items():
                note = requirement(cls, attribute)
                unit = f" [{p.unit}]" if p.unit else ""
                extra = "" if note == "needed" else f" ({note})"
                yield f"      {p.keyword:12s} {p.symbol}{unit}: {p.text}{extra}"
