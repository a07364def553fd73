import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.store import Store
from tests.contract.sandbox.bench import ROOT, running


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sandbox", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
    )


def test_a_port_in_use_is_one_sentence_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("--port", str(taken.getsockname()[1]))

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "choose another port" in ended.stderr


def test_an_unusable_state_file_is_one_sentence_and_exit_code_2() -> None:
    ended = run("--state", "/nowhere/at/all")

    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "/nowhere/at/all" in ended.stderr


def test_a_state_file_of_another_version_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = Store(str(path))
    store.save("transaction", "t", '{"transaction_id": "t", "colour": "blue"}')
    store.close()

    ended = run("--state", str(path))

    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "another version" in ended.stderr


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_although_it_hangs(way: signal.Signals) -> None:
    with running() as (sandbox, process):
        sandbox.faults({"match": {"operation": "*"}, "effect": "hang", "seconds": 600})
        with socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2]))) as line:
            line.sendall(_UNANSWERED)
            sandbox.wait_for_fault()
            process.send_signal(way)
            # Long for a busy machine, and nothing beside the ten minutes of the fault.
            code = process.wait(20)

    assert code == 0


_UNANSWERED = (
    b"GET /midtrans/v2/A-1/status HTTP/1.1\r\nHost: x\r\n"
    b"Authorization: Basic U0ItTWlkLXNlcnZlci1zYW5kYm94LXN1aXRlOg==\r\n\r\n"
)


def test_what_was_answered_survives_a_killed_process(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state.db"))
    with running(*state) as (sandbox, process):
        paid = sandbox.paid_order("A-1", "gopay")
        invoice = sandbox.paid_invoice("X-1", "DANA")
        process.kill()
        process.wait(10)
    with running(*state) as (sandbox, _):
        assert sandbox.core("GET", "A-1/status")["transaction_id"] == paid["transaction_id"]
        assert sandbox.xendit("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == "PAID"


def test_the_real_clock_runs_and_can_be_pushed() -> None:
    with running() as (sandbox, _):
        first = sandbox.control("GET", "clock")
        sandbox.token("A-1", page_expiry={"duration": 1, "unit": "minute"})
        sandbox.control("POST", "clock", {"advance_s": 61})

        assert first["stands_still"] is False
        assert sandbox.control("GET", "state")["tokens"][0]["state"] == "expired"
