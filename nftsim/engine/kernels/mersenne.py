"""NFTsim's noise: 64-bit Mersenne Twister and Marsaglia's polar method, for exact comparison.

MT19937-64: Nishimura (2000), ACM Trans. Model. Comput. Simul. 10, 348. A generator is a row of 315
words: 312 of state, the position, a flag, and the bits of the deviate kept for the next call.
"""

from __future__ import annotations

import math

import numpy as np

from nftsim.engine.kernels.bits import from_bits, to_bits
from nftsim.engine.kernels.compiler import kernel
from nftsim.engine.kernels.signatures import WORDS as WORDS

_N = 312
_M = 156
_POSITION = 312
_KEPT = 313
_DEVIATE = 314
_MATRIX = np.uint64(0xB5026F5AA96619E9)
_UPPER = np.uint64(0xFFFFFFFF80000000)
_LOWER = np.uint64(0x7FFFFFFF)
_FACTOR = np.uint64(6364136223846793005)
_D = np.uint64(0x5555555555555555)
_B = np.uint64(0x71D67FFFEDA60000)
_C = np.uint64(0xFFF7EEE000000000)
_U0 = np.uint64(0)
_U1 = np.uint64(1)
_S17 = np.uint64(17)
_S29 = np.uint64(29)
_S37 = np.uint64(37)
_S43 = np.uint64(43)
_S62 = np.uint64(62)
_SCALE = 2.0**-64


@kernel
def seed(state, value):
    """Start a generator from an unsigned 64-bit seed."""
    state[0] = value
    for i in range(1, _N):
        last = state[i - 1]
        state[i] = _FACTOR * (last ^ (last >> _S62)) + np.uint64(i)
    state[_POSITION] = np.uint64(_N)
    state[_KEPT] = _U0
    state[_DEVIATE] = _U0


@kernel
def _refill(state):
    for i in range(_N):
        x = (state[i] & _UPPER) | (state[(i + 1) % _N] & _LOWER)
        twist = x >> _U1
        if x & _U1:
            twist = twist ^ _MATRIX
        state[i] = state[(i + _M) % _N] ^ twist
    state[_POSITION] = _U0


@kernel
def word(state):
    """Return the next 64-bit word."""
    if np.int64(state[_POSITION]) >= _N:
        _refill(state)
    position = np.int64(state[_POSITION])
    x = state[position]
    state[_POSITION] = np.uint64(position + 1)
    x = x ^ ((x >> _S29) & _D)
    x = x ^ ((x << _S17) & _B)
    x = x ^ ((x << _S37) & _C)
    return x ^ (x >> _S43)


@kernel
def normal(state):
    """Return the next standard normal deviate: of each pair, y first, then x."""
    if state[_KEPT] == _U1:
        state[_KEPT] = _U0
        return from_bits(state[_DEVIATE])
    while True:
        x = 2.0 * (float(word(state)) * _SCALE) - 1.0
        y = 2.0 * (float(word(state)) * _SCALE) - 1.0
        r2 = x * x + y * y
        if 0.0 < r2 <= 1.0:
            break
    factor = math.sqrt(-2.0 * math.log(r2) / r2)
    state[_KEPT] = _U1
    state[_DEVIATE] = to_bits(x * factor)
    return y * factor


@kernel
def fill(state, active, table):
    """Fill a table (step, node) with deviates for every active step, in node order."""
    for k in range(table.shape[0]):
        if active[k]:
            for i in range(table.shape[1]):
                table[k, i] = normal(state)
