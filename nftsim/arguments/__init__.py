"""Commands and options of the command line, and its help: a module for each family of commands."""

from nftsim.arguments.parsers import DEFAULT, Action, dropin_parser, parser
from nftsim.arguments.table import VERBS
from nftsim.arguments.verb import Verb

__all__ = ["DEFAULT", "VERBS", "Action", "Verb", "dropin_parser", "parser"]
