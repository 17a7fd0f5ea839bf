"""exp, log, and sin and cos of whole turns, written so that loops over them vectorise.

Accuracy is within one unit in the last place of a double (sin and cos: two) over the ranges
stated. The polynomials are Taylor series on small intervals (exp, sin, cos) and the series of
2 artanh (log).
"""

from __future__ import annotations

import numpy as np

from nftsim.engine.kernels.bits import from_bits, to_bits
from nftsim.engine.kernels.compiler import formula

# Adding and subtracting 1.5·2⁵² rounds to a whole number, which stands in the low bits between.
_MAGIC = 6755399441055744.0
_MAGIC_BITS = np.uint64(0x4338000000000000)
_ONE_BITS = np.uint64(0x3FF0000000000000)
_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first short enough for exact products with the exponents that occur
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_S52 = np.uint64(52)
_S62 = np.uint64(62)
_U1 = np.uint64(1)
_U2 = np.uint64(2)
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
# bits of √½: mantissas are taken from [√½, √2), around 1, where log has its best relative accuracy
_ROOT_HALF = np.uint64(0x3FE6A09E667F3BCD)
_BIAS = np.uint64(1024)


@formula
def exp(x):
    """Return e^x; arguments are clamped to ±700, NaN stays NaN."""
    # comparisons are false for NaN, so that it passes through both
    x = 700.0 if x > 700.0 else x
    x = -700.0 if x < -700.0 else x
    shifted = x * _LOG2_E + _MAGIC
    n = shifted - _MAGIC
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * from_bits((to_bits(shifted) << _S52) + _ONE_BITS)


@formula
def log(x):
    """Return ln x for positive, normal x (the noise asks for 2⁻⁵² ≤ x ≤ 1)."""
    bits = to_bits(x)
    # x = 2^k z with z in [√½, √2); k is kept as an unsigned number, 1024 too large
    biased = ((bits - _ROOT_HALF) + (_BIAS << _S52)) >> _S52
    k = from_bits(biased + _MAGIC_BITS) - (_MAGIC + 1024.0)
    z = from_bits(bits - ((biased - _BIAS) << _S52))
    f = z - 1.0
    s = f / (2.0 + f)
    w = s * s
    # ln z = 2 artanh s = 2s (1 + w/3 + w²/5 + …), |w| ≤ 0.0295
    p = 2.0 / 23.0
    p = p * w + 2.0 / 21.0
    p = p * w + 2.0 / 19.0
    p = p * w + 2.0 / 17.0
    p = p * w + 2.0 / 15.0
    p = p * w + 2.0 / 13.0
    p = p * w + 2.0 / 11.0
    p = p * w + 2.0 / 9.0
    p = p * w + 2.0 / 7.0
    p = p * w + 2.0 / 5.0
    p = p * w + 2.0 / 3.0
    # 2s = f − s f, which keeps f exact
    return k * _LN2_HIGH + (f - (s * (f - p * w) - k * _LN2_LOW))


@formula
def sincos_turn(u):
    """Return sin 2πu and cos 2πu for 0 ≤ u < 1."""
    shifted = u * 4.0 + _MAGIC
    quarter = to_bits(shifted)
    x = (u - (shifted - _MAGIC) * 0.25) * 6.283185307179586
    w = x * x
    p = -1.0 / 1307674368000.0
    p = p * w + 1.0 / 6227020800.0
    p = p * w - 1.0 / 39916800.0
    p = p * w + 1.0 / 362880.0
    p = p * w - 1.0 / 5040.0
    p = p * w + 1.0 / 120.0
    p = p * w - 1.0 / 6.0
    sine = x + x * w * p
    p = 1.0 / 20922789888000.0
    p = p * w - 1.0 / 87178291200.0
    p = p * w + 1.0 / 479001600.0
    p = p * w - 1.0 / 3628800.0
    p = p * w + 1.0 / 40320.0
    p = p * w - 1.0 / 720.0
    p = p * w + 1.0 / 24.0
    cosine = 1.0 - 0.5 * w + w * w * p
    swap = (quarter & _U1) == _U1
    a = cosine if swap else sine
    b = sine if swap else cosine
    # the sign of sin flips in quarters 2 and 3, that of cos in quarters 1 and 2
    a = from_bits(to_bits(a) ^ ((quarter & _U2) << _S62))
    b = from_bits(to_bits(b) ^ (((quarter + _U1) & _U2) << _S62))
    return a, b
