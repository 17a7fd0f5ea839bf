"""Speed and memory, measured: ours, NFTsim's where it is installed, and what the machine allows.

``make bench`` runs it; ``python -m analysis.benchmark --help`` says what it measures and how.
"""
