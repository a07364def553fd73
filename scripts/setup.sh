#!/bin/sh
# Finds a Python of version 3.11 or newer and hands over to scripts/setup.py with it.
# The environment's own Python comes first, so that a ready checkout starts at once.
# Each candidate is run, not only looked up: version managers put commands on PATH that do not work.
set -eu
cd "$(dirname "$0")/.."
for candidate in .venv/bin/python python3.13 python3.12 python3.11 python3.14 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        exec "$candidate" -B -m scripts.setup "$@"
    fi
done
echo "Lunas needs Python 3.11 or newer and found none: install it (Debian: apt install python3 python3-venv) and run make again." >&2
exit 2
