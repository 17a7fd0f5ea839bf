"""The components a model is made of, each declared once (see `nftsim.components.base`)."""

from nftsim.components.base import Component
from nftsim.components.couplings import Coupling
from nftsim.components.data import Data
from nftsim.components.dendrites import Dendrite
from nftsim.components.firing import Firing
from nftsim.components.plasticity import CaDP
from nftsim.components.propagators import Propagator
from nftsim.components.slow import GlutamateResponse
from nftsim.components.stimuli import Stimulus

#: The base class of each role; its `registry` maps ``.conf`` keywords to classes.
ROLES: dict[str, type[Component]] = {
    base.role: base for base in (Propagator, Coupling, Dendrite, Firing, Stimulus)
}

__all__ = [
    "ROLES",
    "CaDP",
    "Component",
    "Coupling",
    "Data",
    "Dendrite",
    "Firing",
    "GlutamateResponse",
    "Propagator",
    "Stimulus",
]
