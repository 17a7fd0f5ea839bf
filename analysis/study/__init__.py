"""``nftsim study``: a model in; fixed points, simulation, theory and a verdict out, in one command.

It writes a configuration of one experiment and has the workflow carry it out.
"""
