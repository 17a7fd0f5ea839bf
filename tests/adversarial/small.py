"""A small model with several kinds of components, and of output."""

from __future__ import annotations

SMALL = """Small
Time: 0.05 Deltat: 0.001
Nodes: 12 Longside nodes: 4
Connection matrix:
From: 1 2
To 1: 1 2
To 2: 0 0
Population 1: cells
 Length: 0.1
 Q: 10
 Firing: Function: Sigmoid Theta: 0.013 Sigma: 0.0038 Qmax: 340
  Dendrite 1: Ramp - alpha: 83 beta: 769 alpha2: 50 beta2: 500 t1: 0.002 t2: 0.005 t3: 0.01 t4: 0.02
  Dendrite 2: alpha: 83 beta: 769
Population 2: input
 Length: 0.1
 Stimulus: White - Onset: 0 Mean: 1 StdDev: 1
Propagator 1: Wave - Tau: 0.004 Range: 0.08 gamma: 116
Propagator 2: Map - Tau: 0
Coupling 1: Map - nu: 1e-4
Coupling 2: Map - nu: 2e-4
Output: Node: All Interval: 0.002
Population: 1
Dendrite: 1.beta
Propagator: 1
"""
