"""Fixed points as they are handed on: rates, potentials, and whether they are stable."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.equations import Array

if TYPE_CHECKING:
    import pandas as pd

    from nftsim.theory.stability import Stability

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FixedPoint:
    """One uniform steady state.

    Attributes
    ----------
    rates
        Q_a of the neural populations in file order, shape (P,) [s⁻¹].
    voltages
        V_a = Σ_b ν_ab Q_b, shape (P,) [V].
    residual
        max_a |Q_a − S_a(V_a)| in units of Qmax_a; without one, of the larger of |Q_a| and 1 s⁻¹.
    """

    rates: Array
    voltages: Array
    residual: float


@dataclass(frozen=True)
class SteadyStates:
    """All fixed points found, lowest first.

    Attributes
    ----------
    populations
        Names of the neural populations, in file order.
    fixed_points
        By the rate of the first population, then of the next ones.
    model
        Whose they are; without it, their stability is not known.
    complete
        Whether these are certainly all (see `nftsim.theory.certified`).
    """

    populations: list[str]
    fixed_points: list[FixedPoint]
    model: Model | None = field(default=None, compare=False, repr=False)
    complete: bool = False

    @property
    def lowest(self) -> FixedPoint:
        """The one with the lowest rates."""
        return self.fixed_points[0]

    @property
    def chosen(self) -> FixedPoint:
        """The normal state: the lowest that is stable.

        Without one, the lowest that is not known to be unstable; without that, the lowest.
        """
        return self.fixed_points[self.choice]

    def numbered(self, number: int = 0) -> FixedPoint:
        """Return a fixed point by its number, from 1; `chosen` for 0.

        Raises
        ------
        NftsimError
            If there is no such number.
        """
        count = len(self.fixed_points)
        if not 0 <= number <= count:
            has = "only fixed point 1" if count == 1 else f"fixed points 1 to {count}"
            raise NftsimError(
                f"fixed point {number} is wanted, but {self._name} has {has}; see 'nftsim steady "
                "--all', or leave the number out for the lowest stable one"
            )
        place = number - 1 if number else self.choice
        found = self.stability(place)
        if (number or (found is not None and found.stable)) and (text := self.warning(place)):
            log.warning("%s", text)
        return self.fixed_points[place]

    def warning(self, index: int, *, steps: bool = True) -> str:
        """Return in a sentence that a fixed point, counted from 0, is unstable; empty if it is not.

        Parameters
        ----------
        steps
            Ask for the steps of a simulation, too; else for the equations alone.
        """
        found = self.stability(index)
        if found is None:
            return ""
        name = f"{self._name}: fixed point {index + 1}"
        if found.dominant is not None and found.dominant.growth >= 0:
            return f"{name} is unstable: deviations {found.dominant}, and no simulation stays near"
        if steps and found.stable_stepped is False:
            motion = found.stepped or "grow"
            return (
                f"{name} is stable by the equations, but not in steps of Deltat: there deviations "
                f"{motion}, and no simulation stays near; a smaller Deltat may help"
            )
        return ""

    @cached_property
    def choice(self) -> int:
        """Place of `chosen` among the fixed points, from 0."""
        wanted: tuple[bool | None, ...] = (True, None)
        for stable in wanted:
            for i in range(len(self.fixed_points)):
                found = self.stability(i)
                if (None if found is None else found.stable) is stable:
                    if i:
                        log.warning(
                            "%s: the lowest fixed point is unstable; number %d (Q = %.4g s^-1), "
                            "the lowest that is not, is taken; --at 1 takes the lowest (in nftsim "
                            "run --steady 1)",
                            self._name,
                            i + 1,
                            self.fixed_points[i].rates[0],
                        )
                    return i
        first = self.stability(0)
        grow = "" if first is None or first.dominant is None else f" (deviations {first.dominant})"
        log.warning(
            "%s: no fixed point is stable, so no simulation stays at one; the lowest is taken%s",
            self._name,
            grow,
        )
        return 0

    @property
    def stabilities(self) -> list[Stability | None]:
        """The stability of each fixed point; None where it is not known."""
        return [self.stability(i) for i in range(len(self.fixed_points))]

    def stability(self, index: int) -> Stability | None:
        """Return the stability of a fixed point, counted from 0; None where it is not known.

        Why not, or only for k = 0, is a warning.
        """
        if index not in self._judged:
            self._judged[index] = self._stability(self.fixed_points[index])
        return self._judged[index]

    @cached_property
    def _judged(self) -> dict[int, Stability | None]:
        return {}

    @property
    def _name(self) -> str:
        return "model" if self.model is None else self.model.name

    def _stability(self, point: FixedPoint) -> Stability | None:
        from nftsim.theory.stability import stability  # which knows of fixed points

        if self.model is None:
            return None
        try:
            found = stability(self.model, point)
        except NftsimError as error:
            log.warning("stability is not known: %s", error)
            return None
        if found.unknown:
            log.warning("stability is known for uniform deviations (k = 0) only: %s", found.unknown)
        if found.held:
            log.warning(
                "%s: stability is that of the start, with what changes in time held: %s",
                self._name,
                ", ".join(found.held),
            )
        return found

    def to_dict(self, number: int = 0) -> dict[str, Any]:
        """Return plain lists, for JSON; `chosen` is a number as of `numbered`, if one is given."""
        points = [
            {
                "Q": p.rates.tolist(),
                "V": p.voltages.tolist(),
                **_plain(self.stability(i)),
                "residual": p.residual,
            }
            for i, p in enumerate(self.fixed_points)
        ]
        return {
            "populations": list(self.populations),
            "fixed_points": points,
            "complete": self.complete,
            "chosen": number or self.choice + 1,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row per fixed point and population."""
        import pandas as pd  # slow to import

        known = [None if s is None else s.stable for s in self.stabilities]
        rows = [
            (number, name, q, v, point.residual, stable)
            for number, (point, stable) in enumerate(
                zip(self.fixed_points, known, strict=True), start=1
            )
            for name, q, v in zip(self.populations, point.rates, point.voltages, strict=True)
        ]
        return pd.DataFrame(
            rows, columns=["fixed_point", "population", "Q", "V", "residual", "stable"]
        )


def _plain(found: Stability | None) -> dict[str, Any]:
    if found is None:
        return {
            "stable": None,
            "stable_k0": None,
            "stable_stepped": None,
            "unstable_roots": [],
            "unstable_roots_stepped": [],
            "dominant": None,
            "dominant_stepped": None,
        }
    return {
        "stable": found.stable,
        "stable_k0": found.stable_k0,
        "stable_stepped": found.stable_stepped,
        "unstable_roots": [{"k": k, "count": n} for k, n in found.unstable],
        "unstable_roots_stepped": [{"k": k, "count": n} for k, n in found.unstable_stepped],
        "dominant": found.dominant.to_dict() if found.dominant else None,
        "dominant_stepped": found.stepped.to_dict() if found.stepped else None,
    }
