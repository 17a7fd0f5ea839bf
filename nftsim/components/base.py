"""What every component declares, and the registry that everything else reads.

A component is one class: its equation, its parameters with symbol, unit and bounds, its source, the
coefficients of its step, its transfer function and its fixed point. The parser, the simulator, the
theory, ``nftsim list`` and the tests read that one declaration.
"""

from __future__ import annotations

import math
from abc import ABC
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

#: A parameter's value: one number, or one per node.
NodeValue = float | tuple[float, ...]
Array = NDArray[np.float64]


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
        ``number`` (one), ``per-node`` (one, or one per node), ``steady`` (as ``per-node``, or the
        word Steady), ``matrix`` (one, or one per pair of nodes), ``list`` (any count), ``integer``,
        ``nodes`` (a list of node indices from 1), ``word``, ``file`` (a path).
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

    def most(self, nodes: int) -> int:
        """Return how many numbers it has where it has several: one per node, or per pair."""
        return nodes * nodes if self.form == "matrix" else nodes

    @property
    def path(self) -> str:
        """Name in dotted overrides: lower case, without spaces."""
        return self.keyword.lower().replace(" ", "_")

    @property
    def many(self) -> bool:
        """Whether it takes more than one value."""
        return self.form in ("per-node", "steady", "matrix", "list", "nodes")

    @property
    def allowed(self) -> str:
        """Return the bounds in words, for messages."""
        if self.form in ("word", "file"):
            return f"a {self.form}"
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
    """A quantity that a component can write to the output.

    Attributes
    ----------
    name, symbol, unit, text
        What it is; the name is the last part of a trace's name, in lower case.
    text_name
        Its spelling in NFTsim's text output; empty: as `name`.
    single
        Whether all nodes share one value, of which one column is written.
    matrix
        Whether there is a value for every pair of nodes.
    asked
        Whether it is written only when asked for by name: what NFTsim does not write.
    """

    name: str
    symbol: str
    unit: str
    text: str
    text_name: str = ""
    single: bool = False
    matrix: bool = False
    asked: bool = False

    def part(self, node: int) -> Field:
        """Return what a value for every pair of nodes is from one node, counted from 1."""
        return replace(
            self,
            name=f"{self.name}.{node}",
            text=f"{self.text}, from node {node}",
            text_name=f"{self.text_name or self.name}.{node}",
            matrix=False,
        )


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

    def __post_init__(self) -> None:
        """Keep arrays and lists, which Python code may give, as tuples of numbers."""
        for name in self.parameters():
            value = getattr(self, name)
            if isinstance(value, np.ndarray | list | np.generic):
                object.__setattr__(self, name, plain(value))

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

    @classmethod
    def field(cls, name: str) -> Field:
        """Return the output of this name."""
        return next(f for f in cls.outputs if f.name == name)

    @property
    def varying(self) -> tuple[str, ...]:
        """Names of the parameters that differ from node to node."""
        return tuple(
            name
            for name, declared in self.parameters().items()
            if declared.form in ("per-node", "steady", "matrix")
            and isinstance(getattr(self, name), tuple)
        )

    def simplified(self) -> Self:
        """Return the component with equal values for all nodes written as one number.

        Matrices stay: what one number means there is for the component to say.
        """
        declared = self.parameters()
        same = {
            name: getattr(self, name)[0]
            for name in self.varying
            if declared[name].form != "matrix"
            and all(v == getattr(self, name)[0] for v in getattr(self, name))
        }
        return replace(self, **same) if same else self

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Return what is wrong beyond single bounds, as (attribute, message) pairs."""
        return []

    def initial(self, setting: Setting) -> dict[str, Any]:
        """Return with what the quantities of its own state begin, but for its result; else 0."""
        return {}

    def rest(self, setting: Setting) -> Array:
        """Return the numbers that a step reads from a table, while time stands still; else none."""
        return np.empty(0)

    def carried(self, setting: Setting) -> Array:
        """Return what `timeline` carries from step to step, at t = 0: its clock first."""
        return np.concatenate([[0.0], self.rest(setting)])

    def timeline(self, carried: Array, steps: int, setting: Setting) -> Array:
        """Return the numbers of `rest` at each of the next steps, shape (number, step).

        `carried` is moved on in place. Clocks add up Δt again and again, as NFTsim's do: with n Δt
        parity is lost where Δt is not a power of two.
        """
        raise NotImplementedError


def ticks(carried: Array, steps: int, deltat: float) -> Array:
    """Move the clock `carried[0]` on; return its reading at each of the next steps [s]."""
    t = accumulate(float(carried[0]), np.full(steps, deltat))
    carried[0] = t[-1]
    return t


def accumulate(start: float, increments: Array) -> Array:
    """Return start + the increments so far, added one by one, shape of `increments`."""
    return np.asarray(np.add.accumulate(np.concatenate([[start], increments]))[1:])


@dataclass(frozen=True)
class Setting:
    """What a component may need to know of its surroundings.

    Attributes
    ----------
    deltat, spacing
        Time step [s] and grid spacing of the presynaptic (stimulus: own) sheet [m].
    nodes, longside
        Nodes of the sheet, and nodes along x.
    time
        Length of the run [s].
    compat
        Whether NFTsim's habits are followed.
    """

    deltat: float
    spacing: float
    nodes: int
    longside: int
    time: float = math.inf
    compat: bool = False


def plain(value: Any) -> Any:
    """Return numbers of any shape as a tuple, node by node; one number as itself."""
    if isinstance(value, list | np.ndarray):
        found = np.asarray(value)
        return tuple(found.ravel().tolist()) if found.ndim else found.item()
    return value.item() if isinstance(value, np.generic) else value


def array(value: NodeValue | None) -> Array:
    """Return a value as an array: shape () for one number, (node,) for one per node."""
    assert value is not None
    return np.asarray(value, dtype=float)


def number(values: Array) -> NodeValue:
    """Return an array as a value: shape () as one number, else one per node."""
    return tuple(np.ravel(values).tolist()) if values.ndim else float(values)
