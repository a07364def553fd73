import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.telemetry.context import begin_work, bind, kept_apart
from app.telemetry.logs import is_set_up
from tests.log_lines import caught_lines

_log = logging.getLogger("lunas.tests")


def test_a_line_carries_the_ids_of_its_work_and_its_own_fields() -> None:
    with caught_lines() as lines:
        begin_work(request="r1")
        bind(order="LN-1", attempt=None)
        _log.info("moved", extra={"why": "paid", "count": 2})

    [line] = lines.events()
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "moved",
        "level": "info",
        "logger": "lunas.tests",
        "program": "tests",
        "request": "r1",
        "order": "LN-1",
        "why": "paid",
        "count": 2,
    }


def test_a_new_work_forgets_the_ids_of_the_one_before() -> None:
    with caught_lines() as lines:
        begin_work(request="r1", order="LN-1")
        begin_work(job="poll_orders")
        _log.info("ran")

    [line] = lines.events()
    assert (line.get("request"), line.get("order"), line["job"]) == (None, None, "poll_orders")


def test_rows_in_threads_know_the_run_and_keep_their_own_ids_to_themselves() -> None:
    def work(number: int) -> None:
        bind(order=f"LN-{number}")
        _log.info("row %d", number)

    with caught_lines() as lines:
        begin_work(run="r9")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(kept_apart(work), range(6)))
        _log.info("done")

    rows = {line["event"]: (line["run"], line.get("order")) for line in lines.events()}
    assert rows == {f"row {n}": ("r9", f"LN-{n}") for n in range(6)} | {"done": ("r9", None)}


def test_the_lines_of_libraries_go_through_the_same_chain() -> None:
    with caught_lines(["s3cr3t-key"]) as lines:
        logging.getLogger("some.library").warning("sent %s to %s", "s3cr3t-key", "a@b.example")
        logging.getLogger("urllib3.connectionpool").debug("GET /v2/LN-1/status")
        logging.getLogger("sqlalchemy.engine").info("SELECT 1")
        logging.getLogger("apscheduler.scheduler").warning("missed")

    [line] = lines.events()
    assert line["event"] == "sent *** to ***@***"
    assert line["logger"] == "some.library"


def test_a_person_at_a_terminal_reads_plain_text() -> None:
    with caught_lines(form="console") as lines:
        begin_work(job="poll_orders")
        try:
            int("Rina Wijaya")
        except ValueError:
            _log.exception("row failed")

    first, *more = lines.text.splitlines()
    assert first == "ERROR lunas.tests row failed  job=poll_orders"
    assert more[-1] == "  ValueError"
    assert "Rina" not in lines.text


def test_what_nobody_caught_is_told_without_its_words() -> None:
    def fail() -> None:
        raise ValueError("Rina Wijaya")

    with caught_lines() as lines:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        try:
            fail()
        except ValueError as error:
            sys.excepthook(ValueError, error, error.__traceback__)

    of_thread, of_program = lines.events()
    assert of_thread["event"] == "a thread ended by an error"
    assert of_program["event"] == "the program ended by an error"
    assert {one["exception"][0]["type"] for one in (of_thread, of_program)} == {"ValueError"}
    assert "Rina" not in lines.text


def test_it_is_known_whether_the_logs_are_set_up() -> None:
    before = is_set_up()
    with caught_lines():
        assert is_set_up()
    assert is_set_up() is before is False


@pytest.mark.filterwarnings("default")
def test_warnings_of_python_are_lines_too() -> None:
    import warnings

    with caught_lines() as lines:
        warnings.warn("of rina@contoh.example", stacklevel=1)

    assert [line["logger"] for line in lines.events()] == ["py.warnings"]
    assert "rina@" not in lines.text
