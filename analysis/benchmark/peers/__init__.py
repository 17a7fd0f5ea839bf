"""One small script per other simulator, run by ``python SCRIPT NODES STEPS DELTAT``.

They need packages that this project does not: each runs in a Python that has its package, imports
nothing of ours, and prints one line of JSON.
"""
