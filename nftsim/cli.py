"""The command line: ``nftsim COMMAND …``, or ``nftsim -i … -o …`` as NFTsim has it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nftsim import arguments
from nftsim.commands import (
    branches,
    convert,
    inspect,
    respond,
    run,
    spectrum,
    steady,
    verify,
    waves,
)
from nftsim.errors import NftsimError
from nftsim.notices import Notices
from nftsim.plugins import plugins

COMMANDS = {
    "run": run.run,
    "check": inspect.check,
    "list": inspect.list_,
    "steady": steady.steady,
    "branches": branches.branches,
    "map": branches.map_,
    "spectrum": spectrum.spectrum,
    "respond": respond.respond,
    "waves": waves.waves,
    "convert": convert.convert,
    "info": inspect.info,
    "verify": verify.verify,
}
#: What asks for help; the last is NFTsim's.
HELP = ("-h", "--help", "-?")


def main(given: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 for a failed simulation, 2 for bad input."""
    options = _parsed(list(sys.argv[1:] if given is None else given))
    with Notices() as notices:
        options.accepted = notices.accept
        notices.quiet = getattr(options, "quiet", False)
        try:
            options.command(options)
            notices.accept()
            sys.stdout.flush()
        except NftsimError as error:
            if error.exit_code == 1:  # the model was accepted: it ran
                notices.accept()
            return _fail(str(error), error.exit_code)
        except BrokenPipeError:  # the reader of a pipe, say `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            named = (getattr(options, name, None) for name in ("model", "run"))
            about = error.filename or next(filter(None, named), "nftsim")
            return _fail(f"{about}: {error.strerror or error}", 2)
        except KeyboardInterrupt:
            return _fail("interrupted; nothing was written", 130)
    return 0


def _parsed(words: list[str]) -> argparse.Namespace:
    """Return the options: those of a command, or NFTsim's."""
    # what others add is looked for where no command of ours is meant: that takes time
    ours = bool(words) and (words[0] in COMMANDS or (words[0].startswith("-") and len(words) > 1))
    commands = arguments.parser(COMMANDS, {} if ours else plugins())
    if not words and not Path(arguments.DEFAULT).is_file():
        commands.error(f"give a command; or -i, as there is no {arguments.DEFAULT} here to run")
    if words and not words[0].startswith("-"):
        return commands.parse_args(words)
    if words in (["-?"], ["-h"], ["--help"], ["--version"]):
        return commands.parse_args([w.replace("-?", "-h") for w in words])
    plain = ["-h"] if any(word in HELP for word in words) else words
    return arguments.dropin_parser(run.dropin).parse_args(plain)


def _fail(message: str, code: int) -> int:
    """Print a message as one line that a terminal can show, whatever the input held."""
    line = "".join(c if c.isprintable() else " " for c in message)
    print(line, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
