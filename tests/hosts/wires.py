"""Hosts as network namespaces, and the three networks that they are plugged into.

``data`` leads to PostgreSQL, ``gates`` to the payment gateways, ``front`` to the proxy and the web
processes. All cables end at bridges in a namespace ``switch``: pulling one there is silent, as in
life; the host keeps its link and hears nothing any more.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

DATA: Final = "data"
FRONT: Final = "front"
GATES: Final = "gates"
_NETWORKS: Final = {DATA: 1, FRONT: 2, GATES: 3}
_SWITCH: Final = "switch"

OURS: Final = "load"
"""The host that this process itself stands on: it generates the load, and judges."""

_SLOW: Final = ("netem", "delay", "60ms", "20ms", "loss", "3%")


@dataclass(frozen=True, slots=True)
class Host:
    """One host: its name, its number on every network, and the networks it is plugged into."""

    name: str
    number: int
    networks: tuple[str, ...]

    def address(self, network: str) -> str:
        """Return the host's address on a network."""
        return f"10.77.{_NETWORKS[network]}.{self.number}"

    def command(self, *command: str) -> tuple[str, ...]:
        """Return a command as it runs on this host."""
        return command if self.name == OURS else ("ip", "netns", "exec", self.name, *command)


def plug_in(hosts: list[Host]) -> None:
    """Make the networks and the hosts on them."""
    _ip("netns", "add", _SWITCH)
    for network in _NETWORKS:
        _at_switch("link", "add", network, "type", "bridge")
        _at_switch("link", "set", network, "up")
    for host in hosts:
        _make(host)


def _make(host: Host) -> None:
    if host.name != OURS:
        _ip("netns", "add", host.name)
    _on(host, "link", "set", "lo", "up")
    for network in host.networks:
        port = _port(host, network)
        _on(host, "link", "add", network, "type", "veth", "peer", "name", port, "netns", _SWITCH)
        _on(host, "addr", "add", f"{host.address(network)}/24", "dev", network)
        _on(host, "link", "set", network, "up")
        _at_switch("link", "set", port, "up", "master", network)


def cut(host: Host, network: str) -> None:
    """Pull the cable between a host and a network; whatever is under way is lost."""
    _at_switch("link", "set", _port(host, network), "nomaster")


def heal(host: Host, network: str) -> None:
    """Plug the cable in again."""
    _at_switch("link", "set", _port(host, network), "master", network)


def can_be_slow() -> bool:
    """Tell whether the kernel has `netem`, which delays and loses packets."""
    with suppress(subprocess.CalledProcessError):
        _ip("link", "add", "trial1", "type", "dummy")
        try:
            _run("tc", "qdisc", "add", "dev", "trial1", "root", *_SLOW)
        finally:
            _ip("link", "del", "trial1")
        return True
    return False


@contextmanager
def slow(host: Host, network: str) -> Iterator[None]:
    """Let a cable delay what it carries towards the host, and lose some of it."""
    port = ("dev", _port(host, network), "root")
    _run("tc", "-n", _SWITCH, "qdisc", "add", *port, *_SLOW)
    try:
        yield
    finally:
        _run("tc", "-n", _SWITCH, "qdisc", "del", *port)


def _port(host: Host, network: str) -> str:
    return f"{host.name}-{network}"


def _on(host: Host, *arguments: str) -> None:
    _run("ip", *(() if host.name == OURS else ("-n", host.name)), *arguments)


def _at_switch(*arguments: str) -> None:
    _run("ip", "-n", _SWITCH, *arguments)


def _ip(*arguments: str) -> None:
    _run("ip", *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
