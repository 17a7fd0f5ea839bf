"""The same time step in plain numpy: slow, obvious, and the oracle of the compiled kernels.

It shares nothing with `nftsim.engine`: whole histories instead of rings, the four stages of RK4
instead of affine maps, shifted copies of the grid instead of loops over nodes. `RULES` has an entry
for every component; a new one needs its own, or it cannot be tested.
"""

from nftsim.reference.rules import RULES
from nftsim.reference.simulate import simulate

__all__ = ["RULES", "simulate"]
