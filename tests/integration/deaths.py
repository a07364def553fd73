"""A process that dies at a chosen boundary: right before or right after a commit or a call."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy.orm import Session

from app.core.ports import Gateway
from app.core.states import GatewayName
from app.db.session import Sessions
from tests.world import World

_CALLS: Final = frozenset(
    {"create_charge", "find_charge", "fetch_status", "close", "refund", "find_refund"}
)
MOST_BOUNDARIES: Final = 40


class ProcessDiedError(BaseException):
    """Ends the use case at once, as a power cut would: no handler of ours may run."""


@dataclass
class Fate:
    """Counts the boundaries that a process crosses, and ends it at one of them."""

    dies_at: int | None = None
    after: bool = False
    crossed: list[str] = field(default_factory=list[str])

    def cross(self, name: str, act: Callable[[], Any]) -> Any:
        """Do what lies at the boundary, unless the process dies before it, and perhaps after."""
        is_last = len(self.crossed) == self.dies_at
        self.crossed.append(name)
        if is_last and not self.after:
            raise ProcessDiedError(name)
        result = act()
        if is_last:
            raise ProcessDiedError(name)
        return result

    @property
    def has_struck(self) -> bool:
        """Tell whether the boundary was reached."""
        return self.dies_at is not None and len(self.crossed) > self.dies_at


@dataclass
class _DyingSessions:
    real: Sessions
    fate: Fate

    def __call__(self) -> Session:
        """Return a session that is never committed: the dry runs take everything back."""
        return self.real()

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self.real() as session:
            transaction = session.begin()
            yield session
            # Whatever was raised above left through the session's end, which takes all back.
            self.fate.cross("commit", transaction.commit)


@dataclass
class _DyingGateway:
    real: Gateway
    fate: Fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if name not in _CALLS:
            return found
        return lambda *given, **named: self.fate.cross(name, lambda: found(*given, **named))


def doomed(world: World, fate: Fate) -> World:
    """Return the same world as worked in by a process with this fate."""
    gateways: Mapping[GatewayName, Any] = {
        name: _DyingGateway(gateway, fate) for name, gateway in world.desk.gateways.items()
    }
    sessions: Any = _DyingSessions(world.desk.sessions, fate)
    return replace(world, desk=replace(world.desk, sessions=sessions, gateways=gateways))


def deaths(world: World) -> Iterator[tuple[World, Fate]]:
    """Yield doomed worlds, one per boundary and side of it, until the process outlives its story.

    The last one dies nowhere; the caller tells by ``fate.has_struck``.
    """
    for number in range(MOST_BOUNDARIES):
        for after in (False, True):
            fate = Fate(number, after=after)
            yield doomed(world, fate), fate
            if not fate.has_struck:
                return
    raise AssertionError(f"more than {MOST_BOUNDARIES} boundaries")


def live(story: Callable[[World], object], world: World) -> bool:
    """Let a process live its story; False if it died on the way."""
    try:
        story(world)
    except ProcessDiedError:
        return False
    return True
