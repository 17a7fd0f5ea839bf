"""What a guard is, what it finds, and how findings stand in files."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np


@dataclass(frozen=True)
class Finding:
    """Something amiss with a run.

    Attributes
    ----------
    guard
        Name of the guard that found it.
    message
        What it is, with its figures.
    remedy
        What to do about it.
    """

    guard: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.message}; {self.remedy}"


#: Looks at something and yields messages with remedies.
Check = Callable[[Any], Iterator[tuple[str, str]]]
C = TypeVar("C", bound=Check)


@dataclass(frozen=True)
class Guard:
    """A check of runs.

    Attributes
    ----------
    name
        A word or two.
    applies
        To which runs, in words.
    stage
        ``before`` or ``after`` the run.
    check
        The check itself.
    """

    name: str
    applies: str
    stage: str
    check: Check

    def findings(self, subject: Any) -> Iterator[Finding]:
        """Yield what the guard finds; nothing where numbers are too large or small for it."""
        try:
            with np.errstate(all="ignore"):
                found = [*self.check(subject)]
        except (ArithmeticError, ValueError):
            return  # advice must not end a run whose kernels can compute it
        for message, remedy in found:
            yield Finding(self.name, message, remedy)


#: All guards by name, in order of declaration.
GUARDS: dict[str, Guard] = {}


def guard(name: str, applies: str, stage: str) -> Callable[[C], C]:
    """Declare a function as a guard (see `Guard`)."""

    def declare(check: C) -> C:
        GUARDS[name] = Guard(name, applies, stage, check)
        return check

    return declare


def at_most(value: float, digits: int) -> str:
    """Return a positive number rounded down, so that whoever takes it is on the safe side."""
    unit = 10.0 ** (math.floor(math.log10(value)) + 1 - digits)
    below = math.floor(value / unit * (1 + 1e-12)) * unit
    return f"{below:.{digits}g}"


def all_of(stage: str, subject: Any) -> list[Finding]:
    """Return what the guards of a stage find."""
    return [f for g in GUARDS.values() if g.stage == stage for f in g.findings(subject)]


def to_text(findings: Iterable[Finding]) -> str:
    """Return findings as they stand in a file: JSON, a list."""
    return json.dumps([asdict(f) for f in findings], ensure_ascii=False)


def findings_of(attrs: Mapping[str, Any]) -> list[Finding]:
    """Return the findings that stand in the attributes of a run; none if it says nothing of them.

    Attributes of strangers may hold anything: what is no finding is left out.
    """
    try:
        given = json.loads(str(attrs.get("warnings", "[]")))
    except ValueError:
        return []
    found = []
    for item in given if isinstance(given, list) else []:
        if isinstance(item, dict):
            words = [str(item.get(key, "")) for key in ("guard", "message", "remedy")]
            found.append(Finding(*words))
    return found
