"""A corner of this machine of our own, which the kernel clears away however we end.

Everything runs in namespaces of network, processes and mounts that `unshare` makes. When it ends,
killed or not, every process in them is killed, and with the last of them go all networks, names
and addresses. Two runs never meet: neither sees anything of the other.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.messages import ROOT

_TOOLS: Final = ("unshare", "ip", "tc", "setpriv", "mount", "nginx")
_APART: Final = (
    *("unshare", "--net", "--mount", "--pid", "--fork"),
    *("--kill-child=SIGKILL", "--mount-proc", "--propagation", "private"),
)
# Names of network namespaces lie under /run: ours must not be seen outside, nor theirs here.
_OWN_NAMES: Final = "mount -t tmpfs tmpfs /run"
_TRIAL: Final = (
    f"{_OWN_NAMES} && ip netns add trial"
    " && ip link add here1 type veth peer name there1 netns trial"
    " && ip -n trial link add bridge1 type bridge"
)
_FOLDER: Final = "lunas-hosts-"


def why_not() -> str | None:
    """Return why no test hosts can be made here, or None if they can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux may make network namespaces"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        named = ", ".join(missing)
        return f"this machine lacks {named} (Debian: util-linux, iproute2, nginx-light)"
    trial = [*_APART, "sh", "-c", _TRIAL]
    tried = subprocess.run(trial, check=False, capture_output=True, text=True)
    return None if tried.returncode == 0 else f"namespaces are refused: {tried.stderr.strip()}"


def go_apart(module: str, arguments: Sequence[str]) -> None:
    """Become a Python program that runs this module apart, with a folder of its own; no return.

    This process itself becomes the one whose death ends the others, so that nobody who kills it
    leaves anything running.
    """
    folder = _new_folder()
    inside = [sys.executable, "-m", module, "--folder", str(folder), *arguments]
    command = [*_APART, "sh", "-c", f'{_OWN_NAMES} && exec "$@"', "sh", *inside]
    os.chdir(ROOT)
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted.


def _new_folder() -> Path:
    """Make this run's folder, and remove those of runs that were killed."""
    temporary = Path(tempfile.gettempdir())
    for old in temporary.glob(f"{_FOLDER}*"):
        owner = old.name.removeprefix(_FOLDER).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=temporary))
    # PostgreSQL has a user of its own, who must be able to pass.
    folder.chmod(0o711)
    return folder
