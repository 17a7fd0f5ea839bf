"""Operations that a step needs, counted by running its formulas on numbers that count.

`stated` runs the formulas of `nftsim.reference` for everything that a model file states. `merged`
counts what is left when equal things are computed once and RK4 of a linear equation is the affine
map that it is. Polynomials are those that double precision needs after the usual reductions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from nftsim.components.base import Setting
from nftsim.components.stimuli import White
from nftsim.engine.plan import Plan
from nftsim.model import Model
from nftsim.reference import RULES
from nftsim.reference.couplings import Post
from nftsim.reference.rules import response_of

#: Threefry-2x64 with 13 rounds: the first keys, three operations a round, a key after each fourth
#: round; then two words become fractions.
THREEFRY = 2 + 13 * 3 + 3 * 2 + 2 * 2


@dataclass(frozen=True)
class Operations:
    """How many operations there are of each kind; fused ones count as one, and as two flops."""

    add: float = 0
    mul: float = 0
    fma: float = 0
    div: float = 0
    sqrt: float = 0
    integer: float = 0

    @property
    def flops(self) -> float:
        """Floating-point operations: a fused multiply-add is two."""
        return self.add + self.mul + 2 * self.fma + self.div + self.sqrt

    def __add__(self, other: Operations) -> Operations:
        return Operations(*(a + b for a, b in zip(self.all(), other.all(), strict=True)))

    def __mul__(self, factor: float) -> Operations:
        return Operations(*(factor * a for a in self.all()))

    def all(self) -> tuple[float, ...]:
        """Return the numbers in order."""
        return (self.add, self.mul, self.fma, self.div, self.sqrt, self.integer)


class Counted:
    """A number whose arithmetic is counted; a product that is added at once is fused."""

    made: ClassVar[Counter[str]] = Counter()

    def __init__(self, *, product: bool = False) -> None:
        self._product = product

    def _did(self, kind: str, times: int = 1) -> Counted:
        Counted.made[kind] += times
        return Counted(product=kind == "mul")

    def __add__(self, other: object) -> Counted:
        for term in (self, other):
            if isinstance(term, Counted) and term._product:
                term._product = False
                Counted.made["mul"] -= 1
                return self._did("fma")
        return self._did("add")

    __radd__ = __sub__ = __rsub__ = __add__

    def __mul__(self, other: object) -> Counted:
        del other
        return self._did("mul")

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Counted:
        # a constant divisor is multiplied by its reciprocal
        return self._did("div" if isinstance(other, Counted) else "mul")

    def __rtruediv__(self, other: object) -> Counted:
        del other
        return self._did("div")

    def __neg__(self) -> Counted:
        return self  # a sign is part of the constant it meets

    def sqrt(self) -> Counted:
        """Count a root; numpy calls it for arrays of objects."""
        return self._did("sqrt")

    def exp(self) -> Any:
        """Count an exponential, likewise."""
        return exponential(self)

    def rounded(self) -> Counted:
        """Count rounding to a whole number: a large one is added and subtracted."""
        return self._did("add", 2)

    def bits(self, times: int) -> Counted:
        """Count operations on the bits of the number."""
        return self._did("integer", times)


def counted(formula: Any, *arguments: object) -> Operations:
    """Return what a formula does with its arguments."""
    Counted.made = Counter()
    formula(*arguments)
    return Operations(**Counted.made)


def horner(x: Any, coefficients: Sequence[float]) -> Any:
    """Return the polynomial with these coefficients, highest power first."""
    p: Any = coefficients[0]
    for c in coefficients[1:]:
        p = p * x + c
    return p


# The fewest coefficients that double precision needs, highest power first: those of the kernels
# (`nftsim.engine.kernels.maths`), so that the floor does not profit from longer polynomials.
_EXPONENTIAL = (
    2.500006022014549e-08,
    2.7630248407465575e-07,
    2.7557586375895884e-06,
    2.4801493098818066e-05,
    0.00019841269506579748,
    0.0013888888943630205,
    0.00833333333349446,
    0.041666666666530155,
    0.16666666666666413,
    0.5000000000000011,
    1.0,
    1.0,
)
_LOGARITHM = (
    0.1479610531266095,
    0.15314035838091772,
    0.18183564867018995,
    0.2222219856346877,
    0.28571428742475147,
    0.3999999999941432,
    0.6666666666666734,
)
_SINE = (
    1.5896811821695718e-10,
    -2.50507583847801e-08,
    2.755731369357538e-06,
    -0.00019841269829812388,
    0.008333333333322418,
    -0.16666666666666632,
)
_COSINE = (
    -1.1359658797584345e-11,
    2.087572347809026e-09,
    -2.7557314353781716e-07,
    2.4801587289486985e-05,
    -0.0013888888888874131,
    0.0416666666666666,
    -0.5,
    1.0,
)


def exponential(x: Any) -> Any:
    """Return e^x: x = n ln 2 + r, and the best polynomial of degree 11 in r."""
    n = _rounded(x * math.log2(math.e))
    # ln 2 in two parts, the first of which has exact multiples
    high = 6.93147180369123816490e-01
    r = (x - n * high) - n * 1.90821492927058770002e-10
    p = horner(r, _EXPONENTIAL)
    # n is added to the exponent of 1: a shift and a sum
    return p * n.bits(2) if isinstance(x, Counted) else math.ldexp(p, int(n))


def logarithm(x: Any) -> Any:
    """Return ln x: x = 2^k z, s = (z − 1)/(z + 1), ln z = 2 artanh s, to s¹⁵."""
    z: Any
    k: Any
    if isinstance(x, Counted):
        z, k = x.bits(6), x.bits(1) - 1.0
    else:
        z, k = math.frexp(x)
        if z < math.sqrt(0.5):
            z, k = 2 * z, k - 1
    f = z - 1.0
    s = f / (f + 2.0)
    w = s * s
    p = horner(w, _LOGARITHM)
    return k * math.log(2) + (f - s * (f - p * w))


def sine_cosine(u: Any) -> tuple[Any, Any]:
    """Return sin 2πu and cos 2πu: x within an eighth of a turn, and two polynomials in x²."""
    n = _rounded(u * 4.0)
    x = (u - n * 0.25) * (2 * math.pi)
    w = x * x
    s = x + x * w * horner(w, _SINE)
    c = horner(w, _COSINE)
    if isinstance(u, Counted):
        return s.bits(4), c.bits(4)  # which is which, and their signs
    quarter = int(n) % 4
    return ((s, c), (c, -s), (-s, -c), (-c, s))[quarter]


def deviates(a: Any, b: Any) -> tuple[Any, Any]:
    """Return two Gaussian deviates of two fractions (Box & Muller 1958)."""
    size = logarithm(2.0 - a) * -2.0
    radius = size.sqrt() if isinstance(a, Counted) else math.sqrt(size)
    sine, cosine = sine_cosine(b - 1.0)
    return radius * cosine, radius * sine


def linear(outputs: int, inputs: int) -> Operations:
    """Return what a linear map takes."""
    return Operations(mul=outputs, fma=outputs * (inputs - 1))


def noise() -> Operations:
    """Return what one deviate takes: half of what two do."""
    words = Operations(integer=THREEFRY)
    return (counted(deviates, Counted(), Counted()) + words) * 0.5


def stated(model: Model) -> Operations:
    """Return operations per node and step of all that the file states, as the reference does it.

    Parameters
    ----------
    model
        With stimuli that are white noise, and parameters that are the same at all nodes.
    """
    first = _small(model.setting(0))
    field = numbers((first.nodes // first.longside, first.longside))
    Counted.made = Counter()
    for c in model.connections:
        at, sheet = _small(model.setting(c.pre)), _small(model.setting(c.post))
        RULES["propagator"][type(c.propagator)](c.propagator, at, field).step(field, field, field)
        post = Post(field, field)
        p = RULES["coupling"][type(c.coupling)](c.coupling, sheet).step(field, post)
        _second_order(c.dendrite, sheet, p)
    for i, population in enumerate(model.populations):
        if population.firing is None:
            continue
        total = sum([field] * (len(model.inputs_of[i]) - 1), field)
        response_of(population.firing, _small(model.setting(i))).step(total, field)
    grid = Operations(**Counted.made) * (1 / field.size)
    return grid + (noise() + Operations(fma=1)) * _noises(model)


def merged(plan: Plan) -> Operations:
    """Return operations per node and step of what is left when equal things are done once.

    Parameters
    ----------
    plan
        Of a model whose propagators are maps, waves and harmonics, whose couplings are maps and
        whose stimuli are white noise; parameters are the same at all nodes.
    """
    model = plan.model
    total = (noise() + Operations(fma=1)) * _noises(model)
    for leader in {axon.leader for axon in plan.axons}:
        propagator = model.connection(leader).propagator.on(model.nodes)
        if propagator.step == "wave":
            # two sums over neighbours, and a map of seven numbers
            total += Operations(add=2 * 3) + linear(1, 7)
        elif propagator.step:
            total += linear(2, 3)
    for i in model.neural:
        if plan.classes[i] != i:
            continue
        firing, inputs = model.populations[i].firing, model.inputs_of[i]
        rates = len({c.dendrite for c in inputs})
        total += Operations(add=rates - 1, mul=rates, fma=len(inputs) - rates)
        total += linear(2, 3) * rates
        assert firing is not None
        response = response_of(firing, replace(model.setting(i), nodes=1, longside=1))
        field = numbers((1, 1))
        total += counted(response.step, field, field)
    return total


def traffic(plan: Plan) -> float:
    """Return bytes per node and step that the merged step reads and writes, each row once."""
    model, rows = plan.model, 3.0 * _noises(plan.model)
    for leader in {axon.leader for axon in plan.axons}:
        step = model.connection(leader).propagator.on(model.nodes).step
        rows += {"": 0, "wave": 6}.get(step, 5)
    rows += sum(5 + len(model.inputs_of[i]) for i in model.neural if plan.classes[i] == i)
    return 8 * rows


def numbers(shape: tuple[int, ...]) -> Any:
    """Return a field of numbers that count."""
    size = math.prod(shape)
    return np.array([Counted() for _ in range(size)], dtype=object).reshape(shape)


def _small(setting: Setting) -> Setting:
    """Return the setting of a few nodes: every node of a sheet does the same."""
    side = min(setting.longside, 3)
    return replace(setting, nodes=side * side, longside=side)


def _second_order(dendrite: Any, setting: Setting, p: Any) -> None:
    RULES["dendrite"][type(dendrite)](dendrite, setting, numbers(p.shape)).step(p)


def _noises(model: Model) -> int:
    return sum(isinstance(s, White) for p in model.populations for s in p.stimuli)


def _rounded(x: Any) -> Any:
    return x.rounded() if isinstance(x, Counted) else float(round(x))
