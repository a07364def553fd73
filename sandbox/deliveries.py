"""Notifications on their way to the shop: recorded, tried, retried, never lost."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sandbox.clock import iso_millis
from sandbox.courier import Answer, Carries
from sandbox.engine import Engine
from sandbox.faults import Effect, Rule
from sandbox.mangle import mangled
from sandbox.records import dump_record, load_record
from sandbox.wire import JsonObject, compact

# How far behind messages that still wait a finished one is looked for, to be forgotten.
_LOOKED_AT: Final = 100


@dataclass(frozen=True, slots=True)
class Message:
    """One notification before it is sent; ``url`` None when the shop has set none."""

    gateway: str
    reference: str
    event: str
    url: str | None
    headers: dict[str, str]
    body: JsonObject


@dataclass(frozen=True, slots=True)
class Carrier:
    """How one gateway delivers: its patience, its retry ladder, and how to forge it.

    ``retry_after_s`` gets the answer's HTTP status (None: no answer) and the number of
    tries so far, and returns the virtual seconds until the next try, or None for none.
    """

    timeout_s: float
    redirect_hops: int
    retry_after_s: Callable[[int | None, int], float | None]
    forge: Callable[[Message], Message]


@dataclass(slots=True)
class Delivery:
    """One notification and all tries; state is waiting, delivered, failed or dropped."""

    id: int
    gateway: str
    reference: str
    event: str
    url: str | None
    headers: dict[str, str]
    body: str
    created_at: datetime
    state: str = "waiting"
    note: str = ""
    next_at: datetime | None = None
    attempts: list[JsonObject] = field(default_factory=list[JsonObject])

    def as_json(self) -> JsonObject:
        """Return the delivery as ``GET /_sandbox/deliveries`` shows it."""
        return {
            "id": self.id,
            "gateway": self.gateway,
            "reference": self.reference,
            "event": self.event,
            "url": self.url,
            "headers": self.headers,
            "body": self.body,
            "created_at": iso_millis(self.created_at),
            "state": self.state,
            "note": self.note,
            "next_at": iso_millis(self.next_at) if self.next_at else None,
            "attempts": self.attempts,
        }


class Deliveries:
    """Every notification of both gateways; used under the engine's lock."""

    def __init__(self, engine: Engine, carriers: dict[str, Carrier], courier: Carries) -> None:
        """Take up again what the state file says is still on its way."""
        self._engine = engine
        self._carriers = carriers
        self._courier = courier
        self._by_id: dict[int, Delivery] = {}
        self._held: dict[str, list[Delivery]] = {}
        self._last_id = 0
        self.enabled = dict.fromkeys(carriers, True)
        self._load()

    def send(self, message: Message) -> None:
        """Record a notification and set it on its way, faults included."""
        rule = self._engine.faults.for_delivery(f"delivery.{message.gateway}", message.reference)
        for copy, wait_s in self._copies(message, rule):
            self._send_one(copy, wait_s, rule)

    def resend(self, delivery_id: int) -> bool:
        """Try one delivery again now, outside its ladder; False if unknown or unaddressed."""
        delivery = self._by_id.get(delivery_id)
        if delivery is None or delivery.url is None:
            return False
        self._submit(delivery, self._engine.clock.now(), manual=True)
        return True

    def recent(self, limit: int) -> list[JsonObject]:
        """Return the newest deliveries, newest first."""
        newest = list(self._by_id)[-limit:]
        return [self._by_id[number].as_json() for number in reversed(newest)]

    def find(self, delivery_id: int) -> JsonObject | None:
        """Return one delivery, or None."""
        delivery = self._by_id.get(delivery_id)
        return delivery.as_json() if delivery else None

    def counts(self) -> dict[str, int]:
        """Return how many deliveries are in each state."""
        counts: dict[str, int] = {"waiting": 0, "delivered": 0, "failed": 0, "dropped": 0}
        for delivery in self._by_id.values():
            counts[delivery.state] += 1
        return counts

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait, without the lock, until nothing is being sent."""
        return self._courier.wait_idle(timeout_s)

    def clear(self) -> None:
        """Forget every delivery; answers that still arrive change nothing."""
        self._by_id.clear()
        self._held.clear()
        self._last_id = 0

    def stop(self) -> None:
        """End the worker threads."""
        self._courier.stop()

    def _copies(self, message: Message, rule: Rule | None) -> list[tuple[Message, float]]:
        effect = rule.effect if rule else None
        if effect is Effect.DUPLICATE:
            return [(message, 0.0), (message, 0.0)]
        if effect is Effect.FORGE:
            forged = replace(self._carriers[message.gateway].forge(message), event="forged")
            return [(forged, 0.0), (message, 0.0)]
        if rule is None:
            return [(message, 0.0)]
        wait_s = rule.seconds if effect in {Effect.DELAY, Effect.REORDER} else 0.0
        return [(replace(message, body=mangled(rule, message.body)), wait_s)]

    def _send_one(self, message: Message, wait_s: float, rule: Rule | None) -> None:
        delivery = self._record(message)
        if rule:
            delivery.note = f"fault: {rule.effect}"
        if reason := self._reason_to_drop(message, rule):
            delivery.state, delivery.note = "dropped", reason
        else:
            self._start(delivery, wait_s, rule)
        self._save(delivery)

    def _reason_to_drop(self, message: Message, rule: Rule | None) -> str:
        if not self.enabled[message.gateway]:
            return "notifications are switched off"
        if message.url is None:
            return "no notification URL is set"
        return "fault: drop" if rule and rule.effect is Effect.DROP else ""

    def _start(self, delivery: Delivery, wait_s: float, rule: Rule | None) -> None:
        key = f"{delivery.gateway}/{delivery.reference}"
        if rule and rule.effect is Effect.REORDER:
            self._held.setdefault(key, []).append(delivery)
        self._plan(delivery, delivery.created_at + timedelta(seconds=wait_s))
        if not (rule and rule.effect is Effect.REORDER):
            for held in self._held.pop(key, []):
                if held.state == "waiting" and not held.attempts:
                    self._plan(held, delivery.created_at)
                    self._save(held)

    def _record(self, message: Message) -> Delivery:
        self._last_id += 1
        delivery = Delivery(
            id=self._last_id,
            gateway=message.gateway,
            reference=message.reference,
            event=message.event,
            url=message.url,
            headers=message.headers,
            body=compact(message.body),
            created_at=self._engine.clock.now(),
        )
        self._by_id[delivery.id] = delivery
        self._forget_oldest()
        return delivery

    def _forget_oldest(self) -> None:
        while len(self._by_id) > self._engine.settings.kept_deliveries:
            oldest = islice(self._by_id.values(), _LOOKED_AT)
            finished = next((one for one in oldest if one.state != "waiting"), None)
            if finished is None:
                return
            del self._by_id[finished.id]
            self._engine.store.delete("delivery", str(finished.id))

    def _plan(self, delivery: Delivery, due: datetime) -> None:
        delivery.next_at = due
        if due <= self._engine.clock.now():
            self._submit(delivery, due, manual=False)
        else:
            self._engine.timers.plan(due, lambda at: self._when_due(delivery, at))

    def _when_due(self, delivery: Delivery, at: datetime) -> None:
        if delivery.state == "waiting" and delivery.next_at == at:
            self._submit(delivery, at, manual=False)

    def _submit(self, delivery: Delivery, at: datetime, *, manual: bool) -> None:
        key = f"{delivery.gateway}/{delivery.reference}"
        self._courier.submit(key, lambda: self._try(delivery, at, manual=manual))

    def _try(self, delivery: Delivery, at: datetime, *, manual: bool) -> None:
        if self._engine.stopping.is_set() or delivery.url is None:
            return
        carrier = self._carriers[delivery.gateway]
        answer = self._courier.post(
            delivery.url,
            delivery.headers,
            delivery.body,
            timeout_s=carrier.timeout_s,
            hops=carrier.redirect_hops,
        )
        if self._engine.stopping.is_set():
            # Not written down: after a restart it is simply tried again.
            return
        with self._engine.change():
            if self._by_id.get(delivery.id) is delivery:
                self._note_answer(delivery, at, answer, manual=manual)
                self._save(delivery)

    def _note_answer(
        self, delivery: Delivery, at: datetime, answer: Answer, *, manual: bool
    ) -> None:
        delivery.attempts.append(
            {
                "at": iso_millis(at),
                "status": answer.status,
                "answer": answer.text,
                # On a clock that stands still nothing takes time: runs are repeatable.
                "took_ms": 0 if self._engine.clock.is_still else answer.took_ms,
                "manual": manual,
            }
        )
        if answer.is_success:
            delivery.state, delivery.next_at = "delivered", None
        elif not manual:
            self._plan_retry(delivery, at, answer)

    def _plan_retry(self, delivery: Delivery, at: datetime, answer: Answer) -> None:
        if delivery.state == "delivered":
            return
        tries = sum(1 for attempt in delivery.attempts if not attempt["manual"])
        delay_s = self._carriers[delivery.gateway].retry_after_s(answer.status, tries)
        if delay_s is None:
            delivery.state, delivery.next_at = "failed", None
        else:
            self._plan(delivery, at + timedelta(seconds=delay_s))

    def _save(self, delivery: Delivery) -> None:
        self._engine.store.save("delivery", str(delivery.id), dump_record(delivery))

    def _load(self) -> None:
        for row in self._engine.store.rows("delivery"):
            delivery = load_record(Delivery, row)
            self._by_id[delivery.id] = delivery
            self._last_id = max(self._last_id, delivery.id)
            if delivery.state == "waiting" and delivery.next_at:
                self._plan(delivery, delivery.next_at)
