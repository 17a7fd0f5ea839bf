"""All commands of this package."""

from nftsim.arguments import files, simulation, theory
from nftsim.arguments.verb import Verb

_FOUND = simulation.VERBS | theory.VERBS | files.VERBS
#: The commands of this package, in the order of the help.
VERBS: dict[str, Verb] = {
    name: _FOUND[name]
    for name in (
        "run",
        "check",
        "list",
        "steady",
        "branches",
        "map",
        "spectrum",
        "respond",
        "waves",
        "convert",
        "info",
        "verify",
    )
}
