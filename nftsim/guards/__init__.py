"""Guard rails: cheap checks of a run, each a function that says what is amiss, and what helps.

A guard is declared once, with `guard`, by its name and when it applies. Those of `before` see the
model, before it runs; those of `after` see what was watched while it ran (`watch`). What they find
is a warning in the log, and stands in the file of the run.
"""

from __future__ import annotations

from nftsim.guards.declare import GUARDS, Finding, findings_of, guard
from nftsim.guards.watch import Watch

__all__ = ["GUARDS", "Finding", "Watch", "findings_of", "found_after", "found_before", "guard"]

from nftsim.guards.after import found_after
from nftsim.guards.before import found_before
