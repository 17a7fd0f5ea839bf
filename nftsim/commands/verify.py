"""``nftsim verify``: whether running a run again gives what its file holds."""

from __future__ import annotations

import argparse
import math
import sys

from nftsim.commands import print_json
from nftsim.errors import NftsimError


def verify(options: argparse.Namespace) -> None:
    """Run the beginning of a run again and compare; exit code 1 if it differs."""
    if not 0 < options.seconds < math.inf:
        raise NftsimError(f"--seconds {options.seconds:g}: give a finite time > 0 in seconds")
    if not 1 <= options.threads <= 1024:
        raise NftsimError(f"--threads {options.threads}: give a whole number from 1 to 1024")
    # slow to import
    from nftsim.verify import verify_run

    found = verify_run(
        options.run,
        seconds=math.inf if options.whole else options.seconds,
        initial=options.initial,
        threads=options.threads,
    )
    if options.json:
        print_json(found.to_dict())
    else:
        print("\n".join(found.lines()))
    if not found.agrees:
        sys.stdout.flush()
        sys.exit(1)
