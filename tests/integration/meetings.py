"""Writers that meet at a point of our choosing: by the order of events, never by time.

Each writer is one use case in a thread of its own. It stops just before, or just after, the first
statement that its point names, until all others have come as far as they can; then they go on in
the order in which they were given, each to its end. A writer "met" the others if it came to its
point while those before it stood still: both have read, neither has written. It "waited" if the
database says that one of those before it holds what it asks for.

A lock is taken away where it lives, in the statement: `FOR UPDATE` is cut off on its way to the
database, and the code above it stays as it is.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import ORMExecuteState

from app.core.errors import LunasError
from app.db.session import Sessions
from tests.world import World

# Only a safety net, far beyond what a loaded machine needs: nothing is decided by time.
_PATIENCE_S: Final = 60.0
_LOCK_CLAUSE: Final = re.compile(r"\s+FOR (NO KEY )?UPDATE( OF \w+)?( SKIP LOCKED)?")


class Moment(StrEnum):
    """On which side of a statement a writer stops."""

    BEFORE = "before_cursor_execute"
    AFTER = "after_cursor_execute"


@dataclass(frozen=True, slots=True)
class Point:
    """Where a writer stops: at its first statement that this pattern is found in."""

    moment: Moment
    pattern: str

    def is_at(self, moment: Moment, statement: str) -> bool:
        return moment is self.moment and re.search(self.pattern, one_line(statement)) is not None


def before(pattern: str) -> Point:
    return Point(Moment.BEFORE, pattern)


def after(pattern: str) -> Point:
    return Point(Moment.AFTER, pattern)


@dataclass(frozen=True, slots=True)
class Step:
    """One writer of a meeting: what it does, and where it stops."""

    call: Callable[[], Any]
    point: Point


class How(StrEnum):
    """How far a writer came while those before it stood still."""

    MET = "met"
    WAITED = "waited"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one writer; an exception is a result too.

    ``waited_at``: the statement at which it waited for one before it.
    """

    how: How
    result: Any
    waited_at: str = ""


@dataclass
class _Writer:
    step: Step
    engine: Engine
    stands: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)
    backend_pid: int = 0
    asks: str = ""
    result: Any = None

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.result = self.step.call()
        except Exception as error:  # noqa: BLE001 - what comes of it is for the test to judge.
            self.result = error

    @contextmanager
    def watched(self) -> Iterator[None]:
        listeners: tuple[tuple[str, Callable[..., None]], ...] = (
            ("begin", self._be_patient),
            (Moment.BEFORE, self._before),
            (Moment.AFTER, self._after),
        )
        for name, listener in listeners:
            event.listen(self.engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners:
                event.remove(self.engine, name, listener)

    def _be_patient(self, connection: Connection) -> None:
        # Whoever waits here waits for a test, which a loaded machine may hold up.
        if threading.current_thread() is self.thread and connection.dialect.name != "sqlite":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE_S:.0f}s'")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_PATIENCE_S:.0f}s'")

    def _before(self, connection: Connection, _cursor: Any, statement: str, *_: object) -> None:
        if threading.current_thread() is self.thread:
            raw: Any = connection.connection.dbapi_connection
            self.backend_pid = raw.info.backend_pid if hasattr(raw, "info") else 0
            self._stop_at(Moment.BEFORE, statement)
            self.asks = one_line(statement)

    def _after(self, _connection: Connection, _cursor: Any, statement: str, *_: object) -> None:
        if threading.current_thread() is self.thread:
            self.asks = ""
            self._stop_at(Moment.AFTER, statement)

    def _stop_at(self, moment: Moment, statement: str) -> None:
        if not self.stands.is_set() and self.step.point.is_at(moment, statement):
            self.stands.set()
            assert self.may_go_on.wait(_PATIENCE_S), "nobody let this writer go on"

    def come(self, earlier: Sequence["_Writer"]) -> tuple[How, str]:
        """Start, and say how far this writer came while the earlier ones stand still."""
        self.thread.start()
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            if self.stands.is_set():
                return How.MET, ""
            if not self.thread.is_alive():
                return How.ENDED, ""
            if waits_at := self._held_up_by(earlier):
                # Whoever has waited once need not stop any more: it comes after the other.
                self.may_go_on.set()
                return How.WAITED, waits_at
            self.stands.wait(0.002)
        raise AssertionError(f"this writer came nowhere; it asks: {self.asks!r}")

    def _held_up_by(self, earlier: Sequence["_Writer"]) -> str:
        if self.engine.dialect.name == "sqlite":
            # Its one write lock is taken here and nowhere else, and somebody before us has it.
            asks = self.asks
            return asks if earlier and asks == "BEGIN IMMEDIATE" else ""
        query = text("SELECT pg_blocking_pids(:pid) && CAST(:earlier AS int[])")
        pids = [writer.backend_pid for writer in earlier]
        with self.engine.connect() as observer:
            held = observer.scalar(query, {"pid": self.backend_pid, "earlier": pids})
        # Whoever is held up stays so while the earlier ones stand: this is what it is held up at.
        return self.asks if held else ""

    def end(self) -> None:
        self.may_go_on.set()
        self.thread.join(_PATIENCE_S)
        assert not self.thread.is_alive(), f"this writer does not end; it asks: {self.asks!r}"


def one_line(statement: str) -> str:
    return " ".join(statement.split())


def meet(world: World, *steps: Step, ends_first: int = 0) -> list[Outcome]:
    """Bring the writers together at their points, then let them end one after the other.

    ``ends_first``: the writer that is faster than the others from there on.
    """
    engine = engine_of(world)
    writers = [_Writer(step, engine) for step in steps]
    with ExitStack() as watching:
        for writer in writers:
            watching.enter_context(writer.watched())
        came = [writer.come(writers[:number]) for number, writer in enumerate(writers)]
        for writer in (writers[ends_first], *writers):
            writer.end()
    return [
        Outcome(how, writer.result, waited_at)
        for (how, waited_at), writer in zip(came, writers, strict=True)
    ]


def collide(world: World, *steps: Step, ends_first: int = 0) -> list[Any]:
    """Bring writers together that nothing keeps apart, and return their results."""
    outcomes = meet(world, *steps, ends_first=ends_first)
    assert [outcome.how for outcome in outcomes] == [How.MET] * len(steps), outcomes
    return [outcome.result for outcome in outcomes]


def take_turns(world: World, *steps: Step, waiting_at: str) -> list[Any]:
    """Bring writers together of which all but the first must wait, and return their results.

    ``waiting_at``: words of the statement at which they wait. A refusal of ours is a result; any
    other error, a deadlock above all, fails the test.
    """
    first, *others = meet(world, *steps)
    assert first.how is How.MET, first
    for other in others:
        assert (other.how, waiting_at in other.waited_at) == (How.WAITED, True), other
    results = [outcome.result for outcome in (first, *others)]
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, LunasError):
            raise result
    return results


def engine_of(world: World) -> Engine:
    return world.desk.sessions.kw["bind"]


@contextmanager
def rewritten(world: World, rewrite: Callable[[str], str]) -> Iterator[None]:
    """Change statements on their way to the database."""

    def listener(
        _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: object
    ) -> tuple[str, Any]:
        return rewrite(statement), parameters

    engine = engine_of(world)
    world.damaged = True
    event.listen(engine, "before_cursor_execute", listener, retval=True)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", listener)


@contextmanager
def without_locks(world: World, *tables: str) -> Iterator[None]:
    """Let the rows of these tables be read without their lock; the test fails if there was none."""
    cut: set[str] = set()

    def rewrite(statement: str) -> str:
        for table in tables:
            if f"FROM {table} " in one_line(statement) and _LOCK_CLAUSE.search(statement):
                cut.add(table)
                return _LOCK_CLAUSE.sub("", statement)
        return statement

    with rewritten(world, rewrite):
        yield
    assert cut == set(tables), f"no lock was taken on {set(tables) - cut}: nothing was shown"


@contextmanager
def without_fresh_reads(sessions: Sessions) -> Iterator[None]:
    """Let rows keep what the session read of them before it had their lock."""

    def listener(execution: ORMExecuteState) -> None:
        execution.update_execution_options(populate_existing=False)

    event.listen(sessions, "do_orm_execute", listener)
    try:
        yield
    finally:
        event.remove(sessions, "do_orm_execute", listener)


def drop_wall(world: World, table: str, constraint: str) -> None:
    """Take a constraint out of this test's own database, to see what lies behind it."""
    world.damaged = True
    with engine_of(world).begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"))


def drop_trigger(world: World, table: str, trigger: str) -> None:
    """Take a trigger out of this test's own database."""
    world.damaged = True
    with engine_of(world).begin() as connection:
        connection.execute(text(f"DROP TRIGGER {trigger} ON {table}"))
