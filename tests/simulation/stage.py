"""One world: the real desk on a real database, the real sandbox, and what lies between them."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from app.core.states import GatewayName
from app.db.models import Notification
from app.services.checkout import CheckoutRequest
from app.services.desk import Desk
from app.services.reconciliation import Crew
from app.wiring import build_desk
from sandbox.control import Control
from sandbox.midtrans.routes import MidtransRoutes
from sandbox.settings import Settings as SandboxSettings
from sandbox.world import World as Sandbox
from sandbox.xendit.routes import XenditRoutes
from tests.contract.gateway_bench import (
    MIDTRANS_CLIENT_KEY,
    MIDTRANS_KEY,
    XENDIT_KEY,
    XENDIT_TOKEN,
)
from tests.simulation.boundaries import Boundaries, Plan, ProcessDiedError, WatchedSessions
from tests.simulation.databank import Databank
from tests.simulation.entropy import seeded_secrets
from tests.simulation.mailbag import Letter, Mailbag
from tests.simulation.network import HOST, Network, Request, ask, connected
from tests.world import settings_for
from webhooks import make_blueprint

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
GATEWAYS_URL = f"http://{HOST}"
_NOTIFY_URL = "http://shop.simulation/api/payments/notification"
CREW = Crew(owner="simulation", threads=1, batch=50, limits={})


@dataclass
class Purchase:
    """One shopper's intent to buy, and what she got for it so far."""

    request: CheckoutRequest
    order_id: str | None = None
    # Pages she has seen: (our reference, gateway, invoice id at Xendit).
    pages: list[Page] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """A payment page that its shopper has in front of her."""

    gateway: GatewayName
    name: str  # our reference at Midtrans, the invoice's id at Xendit


class Stage:
    """Everything that one story is played with; use :func:`on_stage`."""

    def __init__(self, seed: int, bank: Databank) -> None:
        self.seed = seed
        self.after_each_act: Callable[[], object] = lambda: None
        # Counts on where one world sees several plots, see corpus.py.
        self.chapter = 1
        self.bank = bank
        self.story: list[str] = []
        self.purchases: list[Purchase] = []
        # Keys of the refunds that somebody made in a gateway's dashboard.
        self.dashboard_refunds: set[str] = set()
        self.dashboard_cancels: set[str] = set()
        self.boundaries = Boundaries(self.note)
        self.mailbag = Mailbag(self.boundaries, self.note, self._knock, self._notifications)
        self.sandbox = _sandbox(seed, self.mailbag)
        self.control = Control(self.sandbox, lambda: GATEWAYS_URL)
        # The clocks of shop and gateways never agree quite.
        self.skew = timedelta(seconds=random.Random(f"skew {seed}").uniform(-20, 20))
        self.settings = settings_for("sqlite://", GATEWAYS_URL)
        self.network = Network(
            _gateways(self.sandbox),
            self.boundaries,
            self.pass_time,
            self.later,
            self.note,
            self.settings.gateway_timeout_s,
        )
        self.start_processes()

    def start_processes(self) -> None:
        """Start the shop's processes, at first and after one of them has died."""
        desk = build_desk(self.settings, self.bank.engine, clock=self.clock)
        watched: Any = WatchedSessions(desk.sessions, self.boundaries)
        reading: Any = WatchedSessions(desk.reads, self.boundaries)
        self.desk: Desk = replace(desk, sessions=watched, reads=reading)
        self._reads = desk.reads
        self._web = _Application("shop")
        self._web.testing = True
        self._web.register_blueprint(make_blueprint(self.desk))

    # Time.

    def clock(self) -> datetime:
        """Return the shop's time."""
        return self.sandbox.engine.clock.now() + self.skew

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what the gateways do by themselves happens at its own moment."""
        engine = self.sandbox.engine
        until = engine.clock.now() + timedelta(seconds=seconds)
        while (due := engine.timers.next_due()) is not None and due <= until:
            engine.advance(max(0.0, (due - engine.clock.now()).total_seconds()))
        engine.advance(max(0.0, (until - engine.clock.now()).total_seconds()))

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Let something happen at the gateways after so many seconds."""
        engine = self.sandbox.engine
        due = engine.clock.now() + timedelta(seconds=seconds)

        def arrive(_: datetime) -> None:
            act()

        engine.timers.plan(due, arrive)

    # What is told, and who can act.

    def note(self, line: str) -> None:
        """Write one line of the story."""
        self.story.append(f"{self.sandbox.engine.clock.now():%d %H:%M:%S} {line}")

    @contextmanager
    def under(self, plan: Plan) -> Iterator[None]:
        """Let the plan decide what goes wrong, until the end of the block."""
        before = self.boundaries.plan
        self.boundaries.plan = plan
        try:
            yield
        finally:
            self.boundaries.plan = before

    def attempt(self, act: Callable[[], str | None]) -> None:
        """Let a process act; if it dies, the next one starts."""
        try:
            said = act()
        except ProcessDiedError:
            self.start_processes()
        else:
            if said:
                self.note(said)
        # Before anybody else acts: what was paid may be cancelled a moment later.
        self.after_each_act()

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """Open a session that is no part of any process."""
        with self._reads() as session:
            yield session

    # The shop's door for notifications.

    def _knock(self, letter: Letter) -> int | None:
        headers = {name.lower(): value for name, value in letter.headers.items()}
        body = letter.body.encode()
        request = Request("POST", "/api/payments/notification", "", headers, body)
        try:
            return ask(self._web, request)[0]
        except ProcessDiedError:
            self.start_processes()
            return None

    def _notifications(self) -> int:
        with self.reading() as session:
            return session.scalar(select(func.max(Notification.id))) or 0


class _LeadingRule(Rule):
    """A route that leads to its view; nobody asks for its address.

    The functions that build addresses take longer to compile than a step of a story to play.
    """

    def _compile_builder(self, append_unknown: object = None) -> Callable[..., tuple[str, str]]:
        return lambda *_, **__: ("", "")


class _Application(Flask):
    """An application that starts quickly, for each story and after each crash."""

    url_rule_class = _LeadingRule


def _sandbox(seed: int, mailbag: Mailbag) -> Sandbox:
    settings = SandboxSettings(
        seed=seed,
        still_clock_at=START,
        public_url=GATEWAYS_URL,
        midtrans_server_key=MIDTRANS_KEY,
        midtrans_client_key=MIDTRANS_CLIENT_KEY,
        midtrans_notify_url=_NOTIFY_URL,
        xendit_secret_key=XENDIT_KEY,
        xendit_callback_token=XENDIT_TOKEN,
        xendit_notify_url=_NOTIFY_URL,
    )
    return Sandbox(settings, mailbag)


def _gateways(sandbox: Sandbox) -> Flask:
    """Return the two APIs alone: nobody looks at the sandbox's pages here."""
    application = _Application("gateways")
    application.register_blueprint(MidtransRoutes(sandbox.midtrans, _base_url).blueprint())
    application.register_blueprint(XenditRoutes(sandbox.xendit, _base_url).blueprint())
    return application


def _base_url() -> str:
    return GATEWAYS_URL


@contextmanager
def on_stage(seed: int, bank: Databank) -> Iterator[Stage]:
    """Open one world, and close it again."""
    bank.reset()
    # The failures that the simulation makes are expected; only surprises are worth a line.
    logging.getLogger("lunas").setLevel(logging.CRITICAL)
    with seeded_secrets(seed):
        stage = Stage(seed, bank)
        with connected(stage.network):
            yield stage
