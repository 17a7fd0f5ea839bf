"""Neural field simulation and its theory, after Sanz-Leon et al. (2018)."""

__version__ = "0.1.0"
