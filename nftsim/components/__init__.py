"""The components a model is made of, each declared once (see `nftsim.components.base`)."""

from nftsim.components.base import Component
from nftsim.components.couplings import Coupling
from nftsim.components.dendrites import Dendrite
from nftsim.components.firing import Firing
from nftsim.components.propagators import Propagator
from nftsim.components.stimuli import Stimulus

#: The base class of each role; its `registry` maps ``.conf`` keywords to classes.
ROLES: dict[str, type[Component]] = {
    base.role: base for base in (Propagator, Coupling, Dendrite, Firing, Stimulus)
}

#: Components of NFTsim that this version does not know yet: refused by name.
PLANNED: dict[str, frozenset[str]] = {
    "propagator": frozenset({"HarmonicIntegral", "WaveLegacy"}),
    "coupling": frozenset({"Matrix", "Ramp", "DiffArctan", "CaDP", "BCM", "BCM-Spatial"}),
    "dendrite": frozenset({"Integral", "Ramp"}),
    "firing": frozenset({"Quadratic", "Cubic", "Bursting", "GlutamateResponse"}),
    "stimulus": frozenset({"PulseSine", "WhiteCoherent", "PAS", "Burst"}),
}

__all__ = [
    "PLANNED",
    "ROLES",
    "Component",
    "Coupling",
    "Dendrite",
    "Firing",
    "Propagator",
    "Stimulus",
]
