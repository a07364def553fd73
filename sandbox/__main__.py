"""Entry point of ``python -m sandbox``."""

import os
import sys

from sandbox.cli import main

if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is on disk by now. Taking 100,000 records apart one by one would only
    # make the end of the program take seconds.
    os._exit(code)
