"""``python -m tests.fuzz midtrans --seconds 600``: look for inputs that break a parser.

Ends with 77 and the place of the input at the first one that does. ``--keep`` stores the inputs
that each reached something new for the replay.
"""

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from scripts.messages import ROOT
from tests.fuzz import kept
from tests.fuzz.mutation import change
from tests.fuzz.targets import SEEDS, TARGETS

FINDS: Final = ROOT / "var" / "fuzz"
# Longer bodies only repeat what shorter ones do; the limit of size stands before the parsers.
_MOST_BYTES: Final = 4096
_INSTRUMENTED: Final = ("app.core", "app.gateways")


def fuzz(name: str, corpus: Path, *options: str) -> int:
    """Run the fuzzer in a process of its own: it never returns to whoever started it."""
    command = (sys.executable, "-m", "tests.fuzz", name, "--inside", *options, str(corpus))
    return subprocess.run(command, check=False, env=os.environ).returncode


def run_inside(name: str, options: list[str]) -> None:
    """Become the fuzzer."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=list(_INSTRUMENTED)):
        for module in [known for known in sys.modules if known.startswith(_INSTRUMENTED)]:
            del sys.modules[module]
        targets: Any = importlib.reload(sys.modules["tests.fuzz.targets"])
    target = targets.TARGETS[name]

    def test_one(data: bytes) -> None:
        # What is returned would be taken for a verdict on the input.
        target(data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        return change(data, most, seed, atheris.Mutate)

    arguments = [sys.argv[0], *options]
    # A token is no message: bytes are what it is made of.
    own = {} if name == "token" else {"custom_mutator": mutate}
    atheris.Setup(arguments, test_one, **own)
    atheris.Fuzz()


def plant(name: str, corpus: Path) -> None:
    """Lay the seeds, and what was kept before, where the fuzzer starts from."""
    written = [seed if isinstance(seed, str) else json.dumps(seed) for seed in SEEDS[name]]
    for number, seed in enumerate([*(text.encode() for text in written), *kept.load(name)]):
        (corpus / f"seed-{number}").write_bytes(seed)


def words(name: str, folder: Path) -> Path:
    """Write the fuzzer's dictionary: names and texts of the seeds, which chance seldom spells."""
    spelled: set[str] = set()
    for seed in SEEDS[name]:
        spelled |= {seed} if isinstance(seed, str) else {*seed, *map(str, seed.values())}
    file = folder / "words"
    file.write_text("".join(f"{json.dumps(text)}\n" for text in sorted(spelled) if text))
    return file


def main() -> int:
    """Fuzz one target; 0 if nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("The fuzzer is missing: .venv/bin/pip install atheris", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="lunas-fuzz-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        plant(asked.target, corpus)
        FINDS.mkdir(parents=True, exist_ok=True)
        limits = (f"-max_total_time={asked.seconds}", f"-max_len={_MOST_BYTES}")
        places = (f"-dict={words(asked.target, Path(folder))}", f"-artifact_prefix={FINDS}/")
        found = fuzz(asked.target, corpus, *limits, *places, "-print_final_stats=1")
        if asked.keep and not found:
            # The fuzzer leaves there only what reaches something that nothing shorter does.
            count = kept.save(asked.target, (file.read_bytes() for file in corpus.iterdir()))
            print(f"{asked.target}: {count} inputs are kept")
        return found


if __name__ == "__main__":
    if "--inside" in sys.argv:
        run_inside(sys.argv[1], sys.argv[3:])
    else:
        sys.exit(main())
