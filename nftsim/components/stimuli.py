"""External input: the rate of a population that is prescribed rather than computed.

The stimuli of all kinds under one name; `nftsim.components.data` has the one that reads a file.
"""

from nftsim.components.pulses import PAS, Burst, PulseRect, PulseSigmoid, PulseSine, PulseTrain
from nftsim.components.stimulus import Const, Sine, Steady, Stimulus
from nftsim.components.white_noise import White, WhiteCoherent

__all__ = [
    "PAS",
    "Burst",
    "Const",
    "PulseRect",
    "PulseSigmoid",
    "PulseSine",
    "PulseTrain",
    "Sine",
    "Steady",
    "Stimulus",
    "White",
    "WhiteCoherent",
]
