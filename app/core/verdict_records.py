"""Chains as they are stored: a list of small JSON objects, each naming its step."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Final, TypeAlias

from app.core.observations import Evidence, Seen
from app.core.reasons import Why
from app.core.states import Attention, PaymentStatus
from app.core.verdicts import (
    Asked,
    Authenticity,
    Chain,
    Checked,
    Concluded,
    Judged,
    LeftOut,
    Link,
    Matched,
    Proof,
    Read,
    Received,
    Repeats,
)

Stored: TypeAlias = dict[str, object]

_STEPS: Final[Mapping[type[Link], str]] = {
    Received: "received",
    Checked: "authentic",
    Read: "read",
    Matched: "matched",
    Repeats: "repeats",
    Judged: "judged",
    Asked: "asked",
    LeftOut: "left_out",
    Concluded: "concluded",
}


def store_chain(chain: Chain) -> list[Stored]:
    """Return the chain as JSON; what a link leaves empty is left out."""
    return [_store(link) for link in chain]


def _store(link: Link) -> Stored:
    # Links hold plain values only: copying them in depth would take most of the time.
    values = ((each.name, getattr(link, each.name)) for each in fields(link))
    shown = {name: _plain(value) for name, value in values if value is not None}
    return {"step": _STEPS[type(link)], **shown}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def load_chain(stored: Iterable[Mapping[str, object]]) -> Chain:
    """Return a stored chain; ValueError if a link is not one that we write."""
    return tuple(_load(link) for link in stored)


def _load(stored: Mapping[str, object]) -> Link:
    fields = _Fields(stored)
    load = _LOADERS.get(fields.text("step"))
    if load is None:
        raise ValueError(f"no link of a chain: {fields.text('step')}")
    return load(fields)


class _Fields:
    """The fields of one stored link, each read as what it must be."""

    def __init__(self, stored: Mapping[str, object]) -> None:
        self._stored = stored

    def text(self, name: str) -> str:
        return str(self._stored.get(name, ""))

    def optional(self, name: str) -> str | None:
        value = self._stored.get(name)
        return None if value is None else str(value)

    def number(self, name: str) -> int:
        return int(self.text(name))

    def moment(self, name: str) -> datetime:
        return datetime.fromisoformat(self.text(name))

    def flag(self, name: str) -> bool:
        return self._stored.get(name) is True

    def why(self) -> Why | None:
        value = self.optional("why")
        return None if value is None else Why(value)

    def attention(self) -> Attention | None:
        value = self.optional("attention")
        return None if value is None else Attention(value)


def _received(f: _Fields) -> Received:
    return Received(f.number("size"), f.number("kept"), f.why())


def _checked(f: _Fields) -> Checked:
    proof = f.optional("proof")
    authentic = Authenticity(f.text("authentic"))
    return Checked(authentic, None if proof is None else Proof(proof), f.why())


def _read(f: _Fields) -> Read:
    seen = f.optional("seen")
    return Read(
        None if seen is None else Seen(seen),
        f.text("raw_status"),
        f.optional("transaction_id"),
        f.why(),
    )


def _matched(f: _Fields) -> Matched:
    number = f.optional("try_number")
    return Matched(f.text("reference"), None if number is None else int(number), f.why())


def _repeats(f: _Fields) -> Repeats:
    return Repeats(f.number("notification_id"))


def _judged(f: _Fields) -> Judged:
    needed = f.optional("needed")
    return Judged(
        rule=f.text("rule"),
        why=Why(f.text("why")),
        before=PaymentStatus(f.text("before")),
        after=PaymentStatus(f.text("after")),
        given=Evidence(f.text("given")),
        needed=None if needed is None else Evidence(needed),
        asks=f.flag("asks"),
        attention=f.attention(),
    )


def _asked(f: _Fields) -> Asked:
    return Asked(f.moment("at"), f.number("answers"), f.optional("error"))


def _left_out(f: _Fields) -> LeftOut:
    return LeftOut(f.number("links"))


def _concluded(f: _Fields) -> Concluded:
    return Concluded(f.moment("at"), Why(f.text("why")), f.attention())


_LOADERS: Final[Mapping[str, Callable[[_Fields], Link]]] = {
    "received": _received,
    "authentic": _checked,
    "read": _read,
    "matched": _matched,
    "repeats": _repeats,
    "judged": _judged,
    "asked": _asked,
    "left_out": _left_out,
    "concluded": _concluded,
}
