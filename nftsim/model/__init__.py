"""Models as data: reading, checking, changing and writing them."""

from nftsim.model.library import library, load_model, parse_model
from nftsim.model.model import Connection, Model, Output, Population, Trace
from nftsim.model.writer import to_conf

__all__ = [
    "Connection",
    "Model",
    "Output",
    "Population",
    "Trace",
    "library",
    "load_model",
    "parse_model",
    "to_conf",
]
