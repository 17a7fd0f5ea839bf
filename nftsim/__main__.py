"""``python -m nftsim``: the command line."""

import sys

from nftsim.cli import main

sys.exit(main())
