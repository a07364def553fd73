#!/bin/sh
# Compiles the two requirement files with hashes, and with nothing in them that names a registry.
# requirements-dev.txt takes the versions of requirements.txt, so that tests run what runs.
set -eu
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv/bin/uv)
if ! "$uv" --version >/dev/null 2>&1; then
    echo "make lock needs uv: install it (pip install uv) and run make lock again." >&2
    exit 2
fi
compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header "$@"
}
compile -o requirements.txt requirements.in
compile -c requirements.txt -o requirements-dev.txt requirements-dev.in
