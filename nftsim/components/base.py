"""What every component declares, and the registry that everything else reads.

A component is one class: its equation, its parameters with symbol, unit and bounds, its source, the
coefficients of its step, its transfer function and its fixed point. The parser, the simulator, the
theory, ``nftsim list`` and the tests read that one declaration.
"""

from __future__ import annotations

import math
from abc import ABC
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar

#: A parameter's value: one number, or one per node.
NodeValue = float | tuple[float, ...]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a component.

    Attributes
    ----------
    keyword
        Name in the ``.conf`` file.
    symbol, unit, text
        For tables and messages; SI units.
    low, strict
        Lower bound, and whether the bound itself is excluded.
    form
        ``number`` (one), ``per-node`` (one, or one per node), ``steady`` (a number or the word
        Steady), ``integer``, ``nodes`` (a list of node indices from 1).
    optional
        Whether it may be left out.
    """

    keyword: str
    symbol: str
    unit: str
    text: str
    low: float = -math.inf
    strict: bool = False
    form: str = "number"
    optional: bool = False

    @property
    def path(self) -> str:
        """Name in dotted overrides: lower case, without spaces."""
        return self.keyword.lower().replace(" ", "_")

    @property
    def allowed(self) -> str:
        """Return the bounds in words, for messages."""
        if self.low == -math.inf:
            return "any finite number"
        return f"a number {'>' if self.strict else '>='} {self.low:g}"

    def admits(self, value: float) -> bool:
        """Tell whether one number is within the bounds (NaN and infinity never are)."""
        if not math.isfinite(value):
            return False
        return value > self.low if self.strict else value >= self.low


@dataclass(frozen=True)
class Field:
    """A quantity that a component can write to the output."""

    name: str
    symbol: str
    unit: str
    text: str


def parameter(
    keyword: str,
    symbol: str,
    unit: str,
    text: str,
    *,
    default: Any = MISSING,
    low: float = -math.inf,
    strict: bool = False,
    form: str = "number",
) -> Any:
    """Declare a parameter as a dataclass field (see `Parameter`)."""
    optional = default is not MISSING
    meta = {"parameter": Parameter(keyword, symbol, unit, text, low, strict, form, optional)}
    return field(default=default, metadata=meta) if optional else field(metadata=meta)


@dataclass(frozen=True, kw_only=True)
class Component(ABC):  # noqa: B024  the roles have the abstract methods
    """Base of all components; a subclass with a `keyword` enters its role's registry."""

    role: ClassVar[str] = ""
    keyword: ClassVar[str] = ""
    equation: ClassVar[str] = ""
    source: ClassVar[str] = ""
    outputs: ClassVar[tuple[Field, ...]] = ()
    #: Groups of parameters, by keyword, of which exactly one is given.
    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = ()
    registry: ClassVar[dict[str, type[Component]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "role" in cls.__dict__:
            cls.registry = {}
        elif "keyword" in cls.__dict__:
            cls.registry[cls.keyword] = cls

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """Return the parameters by attribute name, in order of declaration."""
        return {f.name: f.metadata["parameter"] for f in fields(cls) if "parameter" in f.metadata}

    @classmethod
    def attribute(cls, keyword: str) -> str | None:
        """Return the attribute that a ``.conf`` keyword or an override path sets, if any."""
        for name, declared in cls.parameters().items():
            if keyword in (declared.keyword, declared.path):
                return name
        return None

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Return what is wrong beyond single bounds, as (attribute, message) pairs."""
        return []


@dataclass(frozen=True)
class Setting:
    """What a component may need to know of its surroundings.

    Attributes
    ----------
    deltat, spacing
        Time step [s] and grid spacing of the presynaptic (stimulus: own) sheet [m].
    nodes, longside
        Nodes of the sheet, and nodes along x.
    """

    deltat: float
    spacing: float
    nodes: int
    longside: int


def scalar(value: NodeValue) -> float:
    """Return a value that must not vary over the nodes."""
    if isinstance(value, tuple):
        if any(v != value[0] for v in value):
            raise ValueError("varies over the nodes")
        return value[0]
    return value
