"""exp, log, and sin and cos of whole turns, written so that loops over them vectorise.

Accuracy is within one unit in the last place of a double (sin and cos: two) over the ranges
stated. The polynomials are the best ones of their degree on small intervals, in the sense of the
largest relative error of the function (Remez's exchange, in 50 digits): (e^r − 1 − r)/r² for
|r| ≤ ½ ln 2, error 4e-18; (2 artanh(s)/s − 2)/s² in s² for |s| ≤ (√2−1)/(√2+1), 1e-18; and in x²
for |x| ≤ π/4, (sin x − x)/x³, 3e-18, and (cos x − 1 + x²/2)/x⁴, 5e-20.
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
    # (e^r - 1 - r)/r² in two chains, of even and odd powers: one alone is a long wait, link by link
    w = r * r
    even = 2.7630248407465575e-07
    even = even * w + 2.4801493098818066e-05
    even = even * w + 0.0013888888943630205
    even = even * w + 0.041666666666530155
    even = even * w + 0.5000000000000011
    odd = 2.500006022014549e-08
    odd = odd * w + 2.7557586375895884e-06
    odd = odd * w + 0.00019841269506579748
    odd = odd * w + 0.00833333333349446
    odd = odd * w + 0.16666666666666413
    p = 1.0 + (r + w * (even + r * odd))
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
    p = 0.1479610531266095
    p = p * w + 0.15314035838091772
    p = p * w + 0.18183564867018995
    p = p * w + 0.2222219856346877
    p = p * w + 0.28571428742475147
    p = p * w + 0.3999999999941432
    p = p * w + 0.6666666666666734
    # 2s = f − s f, which keeps f exact
    return k * _LN2_HIGH + (f - (s * (f - p * w) - k * _LN2_LOW))


@formula
def sincos_turn(u):
    """Return sin 2πu and cos 2πu for 0 ≤ u < 1."""
    shifted = u * 4.0 + _MAGIC
    quarter = to_bits(shifted)
    x = (u - (shifted - _MAGIC) * 0.25) * 6.283185307179586
    w = x * x
    p = 1.5896811821695718e-10
    p = p * w - 2.50507583847801e-08
    p = p * w + 2.755731369357538e-06
    p = p * w - 0.00019841269829812388
    p = p * w + 0.008333333333322418
    p = p * w - 0.16666666666666632
    sine = x + x * w * p
    p = -1.1359658797584345e-11
    p = p * w + 2.087572347809026e-09
    p = p * w - 2.7557314353781716e-07
    p = p * w + 2.4801587289486985e-05
    p = p * w - 0.0013888888888874131
    p = p * w + 0.0416666666666666
    cosine = 1.0 - 0.5 * w + w * w * p
    swap = (quarter & _U1) == _U1
    a = cosine if swap else sine
    b = sine if swap else cosine
    # the sign of sin flips in quarters 2 and 3, that of cos in quarters 1 and 2
    a = from_bits(to_bits(a) ^ ((quarter & _U2) << _S62))
    b = from_bits(to_bits(b) ^ (((quarter + _U1) & _U2) << _S62))
    return a, b
