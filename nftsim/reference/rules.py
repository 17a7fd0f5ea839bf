"""What each component does in one step: one entry per component, by role and class.

Propagators, couplings, dendrites and responses keep a state and have `step`; stimuli are functions.
"""

from __future__ import annotations

from typing import Any

from nftsim.components import couplings, dendrites, firing, propagators, slow, stimuli
from nftsim.components import plasticity as plastic
from nftsim.components.base import Component, Setting
from nftsim.components.data import Data
from nftsim.reference import couplings as strengths
from nftsim.reference import dendrites as potentials
from nftsim.reference import firing as responses
from nftsim.reference import plasticity
from nftsim.reference import propagators as fields
from nftsim.reference import stimuli as waveforms


def _glutamate(item: slow.GlutamateResponse, setting: Setting) -> responses.GlutamateResponse:
    return responses.GlutamateResponse(item, setting, response_of)


def response_of(item: firing.Firing, setting: Setting) -> responses.Response:
    """Return a firing response at work."""
    made: responses.Response = RULES["firing"][type(item)](item, setting)
    return made


#: Role → component → rule.
RULES: dict[str, dict[type[Component], Any]] = {
    "propagator": {
        propagators.Map: fields.MapField,
        propagators.Harmonic: fields.HarmonicField,
        propagators.HarmonicIntegral: fields.HarmonicIntegralField,
        propagators.Wave: fields.wave,
        propagators.WaveLegacy: fields.wave_legacy,
    },
    "coupling": {
        couplings.Map: strengths.MapStrength,
        couplings.Matrix: strengths.MatrixStrength,
        couplings.Ramp: strengths.RampStrength,
        couplings.DiffArctan: strengths.DiffArctanStrength,
        plastic.CaDP: plasticity.PlasticStrength,
        plastic.BCM: plasticity.BCMStrength,
        plastic.BCMSpatial: plasticity.BCMSpatialStrength,
    },
    "dendrite": {
        dendrites.SecondOrder: potentials.SecondOrderPotential,
        dendrites.Integral: potentials.IntegralPotential,
        dendrites.Ramp: potentials.RampPotential,
    },
    "firing": {
        firing.Sigmoid: responses.SigmoidResponse,
        firing.Linear: responses.LinearResponse,
        firing.Quadratic: responses.QuadraticResponse,
        firing.Cubic: responses.CubicResponse,
        slow.Bursting: responses.BurstingResponse,
        slow.GlutamateResponse: _glutamate,
    },
    "stimulus": {
        stimuli.Const: waveforms.mean,
        stimuli.Sine: waveforms.sine,
        stimuli.PulseRect: waveforms.rectangles,
        stimuli.PulseSine: waveforms.pieces,
        stimuli.PulseSigmoid: waveforms.sigmoids,
        stimuli.PAS: waveforms.paired,
        stimuli.Burst: waveforms.bursts,
        stimuli.White: waveforms.mean,
        stimuli.WhiteCoherent: waveforms.mean,
        Data: waveforms.data,
    },
}
