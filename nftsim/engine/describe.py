"""What a plan does, in words: for ``nftsim check --plan``."""

from __future__ import annotations

from collections.abc import Iterator

from nftsim.engine.kernels import kinds
from nftsim.engine.plan import Plan

#: Operations by their number.
NAMES = {
    value: name.lower().replace("_", " ")
    for name, value in vars(kinds).items()
    if name.isupper() and isinstance(value, int) and name not in kinds.SIZES
}


def describe(plan: Plan) -> Iterator[str]:
    """Yield lines: what was merged, and the operations of a step."""
    model = plan.model
    for i, first in enumerate(plan.classes):
        if first != i:
            yield f"population {i + 1} is computed as population {first + 1}"
    for c, axon in zip(model.connections, plan.axons, strict=True):
        if axon.leader != c.index:
            source = plan.sources["propagator", c.index, "phi"]
            later = f", {source.delay} steps later" if axon.on_field and source.delay else ""
            yield f"propagator {c.index} is computed as propagator {axon.leader}{later}"
    for members in plan.sums.values():
        yield f"dendrites {', '.join(map(str, members))} are summed"
    counts: dict[str, int] = {}
    for kind in plan.ops[:, 0].tolist():
        counts[NAMES[kind]] = counts.get(NAMES[kind], 0) + 1
    listed = ", ".join(f"{count} {name}" for name, count in counts.items())
    yield f"a step: {len(plan.ops)} operations ({listed}) on {plan.rows} rows"
