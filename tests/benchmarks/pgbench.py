"""The yardstick: pgbench sends the statements that one payment's notification makes us send.

They are recorded from a real one, with its values; what belongs to that one order becomes a
variable that counts on, so that every transaction of pgbench does the work of a new notification.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Connection, Engine, event

from tests.benchmarks.bench import Bench
from tests.benchmarks.filling import FIRST_PRODUCT, PRODUCTS

_TEXT: Final = re.compile(r"'(?:[^']|'')*'")
_PLACE: Final = re.compile(r"\$(\d+)")
_TPS: Final = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_FAILED: Final = re.compile(r"number of failed transactions: ([1-9]\d*)")


@contextmanager
def recorded(engine: Engine) -> Iterator[list[str]]:
    """Yield the statements that this engine sends meanwhile, their values in them."""
    heard: list[str] = []

    def listen(
        connection: Connection, _cursor: Any, statement: str, parameters: Any, _: Any, many: Any
    ) -> None:
        driver: Any = connection.connection.driver_connection
        rows = parameters if many else [parameters]
        heard.extend(" ".join(_spelt_out(statement, values, driver).split()) for values in rows)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def _spelt_out(statement: str, values: Any, driver: Any) -> str:
    """Return a statement with its values in the places of their numbers."""
    return _PLACE.sub(
        lambda place: sql.Literal(values[int(place[1]) - 1]).as_string(driver), statement
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """The order whose notification was recorded, and what must be another's in each repeat."""

    order_id: int
    dedupe_key: str
    mail: str


def script_of(statements: list[str], sample: Sample) -> str:
    """Return a script of pgbench: the recorded transaction, about one new order each time."""
    lines = [_for_any_order(statement, sample) for statement in statements]
    return "\n".join(
        (
            "\\set i :i + 1",
            "\\set n :first + :client_id * :each + :i",
            f"\\set p {FIRST_PRODUCT} + :n % {PRODUCTS}",
            "BEGIN;",
            *(f"{line};" for line in lines),
            "COMMIT;",
            "",
        )
    )


def _for_any_order(statement: str, sample: Sample) -> str:
    product = FIRST_PRODUCT + sample.order_id % PRODUCTS
    made = statement.replace(f"'{sample.dedupe_key}'", "md5('d' || :n)")
    made = made.replace(f"'{sample.mail}'", "md5('m' || :n)")
    made = re.sub(rf"\b{product}\b", ":p", made)
    named = _TEXT.sub(lambda text: _for_any_text(text[0], str(sample.order_id)), made)
    return re.sub(rf"\b{sample.order_id}\b", ":n", named)


def _for_any_text(text: str, order_id: str) -> str:
    """Put a text together around the variable, and around colons that look like one's."""
    made = re.sub(r":(?=[A-Za-z_])", "' || chr(58) || '", text).replace(order_id, "' || :n || '")
    return text if made == text else f"({made})"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A script, and the orders that it may use: one range after the other."""

    bench: Bench
    program: Path
    script: str

    def run(self, first: int, *, orders: int, clients: int, seconds: float) -> float:
        """Return transactions per second; RuntimeError if any failed."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(self.script)
            file.flush()
            done = subprocess.run(
                [
                    *(str(self.program), "--no-vacuum", "--protocol", "prepared"),
                    *("--client", str(clients), "--jobs", "2", "--time", str(round(seconds))),
                    *("--define", f"first={first}", "--define", f"each={orders // clients}"),
                    *("--define", "i=0", "--file", file.name, self.bench.conninfo),
                ],
                check=False,
                capture_output=True,
                text=True,
            )
        found = _TPS.search(done.stdout)
        if done.returncode or found is None or _FAILED.search(done.stdout):
            raise RuntimeError(f"pgbench failed: {done.stdout[-500:]} {done.stderr[-1500:]}")
        return float(found[1])
