"""The page that Prometheus reads: what this process counted, and how the whole system is."""

import hmac
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from app.services.ageing import OpenOfAge
from app.services.desk import Desk
from app.services.vital_signs import VitalSigns, read_vital_signs
from app.telemetry.meters import REGISTRY

_log = logging.getLogger("lunas.meters")
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# Two Prometheus servers and a curious person together ask the database no more often than this.
_FRESH_FOR_S: Final = 5.0
_YOUNGEST: Final = "0"


class Exposition:
    """Writes the page; one per process. ``token`` is what a reader must show; empty: nobody may."""

    def __init__(self, desk: Desk, token: str) -> None:
        """Collect this process's meters (all web workers' together) and the database's signs."""
        self._token: Final = token.encode()
        self._registry: Final = CollectorRegistry(auto_describe=False)
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            MultiProcessCollector(self._registry)
        else:
            self._registry.register(_Passed(REGISTRY))
        self._registry.register(SignsCollector(desk))

    @property
    def is_offered(self) -> bool:
        """Whether there is a page at all."""
        return bool(self._token)

    def admits(self, authorization: str) -> bool:
        """Tell whether an ``Authorization`` header shows the token, in constant time."""
        shown = authorization.removeprefix("Bearer ").encode()
        return self.is_offered and hmac.compare_digest(shown, self._token)

    def page(self) -> bytes:
        """Return the page in Prometheus' text format; a database that is down shows as such."""
        return generate_latest(self._registry)


class _Passed(Collector):
    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        return self._registry.collect()


class SignsCollector(Collector):
    """Reads the vital signs when asked, and keeps them for a few seconds."""

    def __init__(self, desk: Desk) -> None:
        """Read from this desk's database."""
        self._desk: Final = desk
        self._lock: Final = threading.Lock()
        self._kept: VitalSigns | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; without the database only that it does not answer."""
        signs = self._signs()
        yield _gauge(
            "lunas_database_up", "Whether the database answered.", float(signs is not None)
        )
        if signs is not None:
            yield from _metrics_of(signs)

    def _signs(self) -> VitalSigns | None:
        with self._lock:
            kept = self._kept
            if kept is None or not self._is_fresh(kept):
                self._kept = kept = self._read()
            return kept

    def _is_fresh(self, kept: VitalSigns) -> bool:
        return 0 <= (self._desk.clock() - kept.at).total_seconds() < _FRESH_FOR_S

    def _read(self) -> VitalSigns | None:
        try:
            return read_vital_signs(self._desk)
        except SQLAlchemyError:
            _log.warning("the vital signs could not be read", exc_info=True)
            return None


def _metrics_of(signs: VitalSigns) -> Iterator[Metric]:
    yield _gauge("lunas_claims_due", "Claims that are due to be confirmed.", signs.claims.count)
    yield _gauge(
        "lunas_oldest_due_claim_seconds",
        "How long the claim that waits longest has been due.",
        signs.claims.longest_s,
    )
    yield _family(
        "lunas_open_orders",
        "Orders without a result, by age.",
        "age",
        ((_age_of(one), one.orders) for one in signs.open_orders),
    )
    yield _family(
        "lunas_unfinished_refunds",
        "Refunds that are on their way, by state.",
        "state",
        ((state.value, count) for state, count in signs.refunds.items()),
    )
    yield _gauge(
        "lunas_oldest_unknown_refund_seconds",
        "How long ago the oldest refund of unknown outcome was sent.",
        signs.unknown_refunds.longest_s,
    )
    yield _family(
        "lunas_attention_calls",
        "Calls for a person that are open, by code.",
        "code",
        ((code.value, count) for code, count in signs.attention.items()),
    )
    yield _gauge("lunas_open_findings", "Findings of the verification.", signs.findings)
    yield _gauge(
        "lunas_clock_ahead_seconds",
        "How far the clock of this process is ahead of the database's.",
        signs.clock_ahead_s,
    )
    yield from _beats(signs)


def _beats(signs: VitalSigns) -> Iterator[Metric]:
    yield _family(
        "lunas_job_heartbeat_age_seconds",
        "How long ago each job last ran, in whichever process.",
        "job",
        # One from ahead of our clock is as doubtful as one from as long ago.
        ((one.job, abs(signs.at - one.last_run_at).total_seconds()) for one in signs.heartbeats),
    )
    yield _family(
        "lunas_job_heartbeat_allowed_seconds",
        "How long ago each job may have run before it counts as silent.",
        "job",
        ((one.job, one.allowed.total_seconds()) for one in signs.heartbeats),
    )


def _age_of(one: OpenOfAge) -> str:
    return f"{one.at_least or _YOUNGEST}-{one.at_most}" if one.at_most else f"{one.at_least}+"


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _family(
    name: str, meaning: str, label: str, values: Iterable[tuple[str, float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=(label,))
    for word, value in values:
        family.add_metric((word,), value)
    return family
