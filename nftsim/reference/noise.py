"""Gaussian deviates in plain Python: the counter-based ones, and NFTsim's."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Array = NDArray[np.float64]

# Salmon et al. (2011), Threefry-2x64: parity constant of the key schedule, rotations by round
_PARITY = 0x1BD11BDAA9FC1A22
_ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)
_ROUNDS = 13
_WORD = 2**64 - 1


def threefry(key: tuple[int, int], counter: tuple[int, int]) -> tuple[int, int]:
    """Return the two 64-bit words of Threefry-2x64-13, in integers of any size.

    Parameters
    ----------
    key, counter
        Two words each, 0 to 2⁶⁴ − 1.
    """
    keys = (*key, _PARITY ^ key[0] ^ key[1])
    a, b = (counter[0] + key[0]) & _WORD, (counter[1] + key[1]) & _WORD
    for i in range(_ROUNDS):
        turn = _ROTATIONS[i % 8]
        a = (a + b) & _WORD
        b = ((b << turn | b >> (64 - turn)) & _WORD) ^ a
        if i % 4 == 3:
            # after every fourth round the j-th injection adds the key, turned by j, and j itself
            j = (i + 1) // 4
            a = (a + keys[j % 3]) & _WORD
            b = (b + keys[(j + 1) % 3] + j) & _WORD
    return a, b


def deviates(seed: int, stream: int, clock: int, nodes: int) -> Array:
    """Return the deviates of a step, shape (node,), by Box and Muller (1958).

    The key is (seed, stream), the counter (pair of steps, node). Of the two deviates that a pair of
    words gives, the cosine serves the even step and the sine the odd one.
    """
    words = np.array(
        [threefry((seed, stream), (clock // 2, node)) for node in range(nodes)], dtype=np.uint64
    )
    # the upper 52 bits, as fractions; 1 − u lies in (0, 1], where the logarithm is finite
    u, turn = (words >> np.uint64(12)).T * 2.0**-52
    branch = np.cos if clock % 2 == 0 else np.sin
    return np.asarray(np.sqrt(-2.0 * np.log(1.0 - u)) * branch(2.0 * np.pi * turn))


class Mersenne:
    """NFTsim's generator: MT19937-64 (Nishimura 2000) and Marsaglia's polar method.

    Parameters
    ----------
    seed
        0 to 2⁶⁴ − 1.
    """

    def __init__(self, seed: int) -> None:
        self._state = [seed]
        for i in range(1, 312):
            last = self._state[-1]
            self._state.append((6364136223846793005 * (last ^ last >> 62) + i) & _WORD)
        self._position = 312
        self._kept: float | None = None

    def word(self) -> int:
        """Return the next 64-bit word."""
        if self._position == 312:
            self._twist()
        x = self._state[self._position]
        self._position += 1
        x ^= x >> 29 & 0x5555555555555555
        x ^= x << 17 & 0x71D67FFFEDA60000
        x ^= x << 37 & 0xFFF7EEE000000000
        return x ^ x >> 43

    def _twist(self) -> None:
        s = self._state
        for i in range(312):
            # the upper 33 bits of one word and the lower 31 of the next
            x = s[i] >> 31 << 31 | s[(i + 1) % 312] & 0x7FFFFFFF
            s[i] = s[(i + 156) % 312] ^ x >> 1 ^ (0xB5026F5AA96619E9 if x % 2 else 0)
        self._position = 0

    def normal(self) -> float:
        """Return the next deviate: of each accepted pair y first, then x."""
        if self._kept is not None:
            kept, self._kept = self._kept, None
            return kept
        r2 = 0.0
        while not 0.0 < r2 <= 1.0:
            x, y = (2.0 * (float(self.word()) / 2.0**64) - 1.0 for _ in range(2))
            r2 = x * x + y * y
        factor = math.sqrt(-2.0 * math.log(r2) / r2)
        self._kept = x * factor
        return y * factor
