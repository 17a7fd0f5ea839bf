"""How fast the error of every scheme falls with its step: order of accuracy, measured.

A study runs one small model at several steps and compares with an exact solution, or, where there
is none, each run with that at half the step. The slope of the error over the step, both
logarithmic, is the order. Schemes are measured with the input that they assume, held or a straight
line, which must give the order that their component declares; and with a smooth input, as a model
gives it, where holding the input, or taking it one step late, leaves the first order.
"""

from __future__ import annotations

from analysis.convergence.cases import STUDIES
from analysis.convergence.study import Measured, Study, measure

__all__ = ["STUDIES", "Measured", "Study", "measure"]
