"""Counter-based Gaussian noise: a deviate is a function of (seed, stream, step, node) alone.

Threefry-2x64 with 13 rounds (Salmon et al. 2011, SC'11, "Parallel random numbers: as easy as 1, 2,
3") turns the key (seed, stream) and the counter (pair of steps, node) into two words; Box and
Muller (1958) make two deviates of them, the first for the even step and the second for the odd.
"""

from __future__ import annotations

import math

import numpy as np

from nftsim.engine.kernels.bits import from_bits
from nftsim.engine.kernels.compiler import formula
from nftsim.engine.kernels.maths import log, sincos_turn

_PARITY = np.uint64(0x1BD11BDAA9FC1A22)
_ONE_BITS = np.uint64(0x3FF0000000000000)
_S12 = np.uint64(12)
_U1 = np.uint64(1)
_U2 = np.uint64(2)
_U3 = np.uint64(3)
_U64 = np.uint64(64)
_R0 = np.uint64(16)
_R1 = np.uint64(42)
_R2 = np.uint64(12)
_R3 = np.uint64(31)
_R4 = np.uint64(16)
_R5 = np.uint64(32)
_R6 = np.uint64(24)
_R7 = np.uint64(21)


@formula
def _mix(a, b, rotation):
    a = a + b
    b = ((b << rotation) | (b >> (_U64 - rotation))) ^ a
    return a, b


@formula
def threefry(key0, key1, counter0, counter1):
    """Return the two 64-bit words of Threefry-2x64-13; all arguments are unsigned 64-bit."""
    key2 = _PARITY ^ key0 ^ key1
    a = counter0 + key0
    b = counter1 + key1
    a, b = _mix(a, b, _R0)
    a, b = _mix(a, b, _R1)
    a, b = _mix(a, b, _R2)
    a, b = _mix(a, b, _R3)
    a = a + key1
    b = b + key2 + _U1
    a, b = _mix(a, b, _R4)
    a, b = _mix(a, b, _R5)
    a, b = _mix(a, b, _R6)
    a, b = _mix(a, b, _R7)
    a = a + key2
    b = b + key0 + _U2
    a, b = _mix(a, b, _R0)
    a, b = _mix(a, b, _R1)
    a, b = _mix(a, b, _R2)
    a, b = _mix(a, b, _R3)
    a = a + key0
    b = b + key1 + _U3
    return _mix(a, b, _R4)


@formula
def words_as_doubles(key0, key1, counter0, counter1):
    """Return the words of `threefry`, 52 bits of each, as doubles in [1, 2)."""
    a, b = threefry(key0, key1, counter0, counter1)
    return from_bits((a >> _S12) | _ONE_BITS), from_bits((b >> _S12) | _ONE_BITS)


@formula
def box_muller(a, b):
    """Return two independent standard normal deviates for two uniform ones in [1, 2)."""
    # (0, 1] for the radius, [0, 1) for the angle
    radius = math.sqrt(-2.0 * log(2.0 - a))
    sine, cosine = sincos_turn(b - 1.0)
    return radius * cosine, radius * sine
