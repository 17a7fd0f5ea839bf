"""Compile the kernels into the cache: ``python -m nftsim.engine.warm``."""

from nftsim.engine.native import warm

if __name__ == "__main__":
    warm()
