"""The simulation itself: a seed repeats, faults do what they say, a failure is told shortly."""

from __future__ import annotations

import lzma
import random
import socket
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayUnavailableError,
)
from app.core.money import Rupiah
from app.core.ports import ChargeSubject, RefundRequest
from app.core.states import GatewayName, RefundRoute
from app.services.checkout import CartLine, CheckoutRequest
from tests.databases import Databases
from tests.simulation import __main__ as program
from tests.simulation.boundaries import Boundary, CallFault, Fair, PostFault
from tests.simulation.corpus import corpus
from tests.simulation.databank import PostgresBank, SqliteBank
from tests.simulation.mutations import LENGTH, MUTATIONS, find, mutated
from tests.simulation.records import read_records
from tests.simulation.runner import Report, as_markdown, read_reports, run, run_into, total
from tests.simulation.scenes import scene
from tests.simulation.shoppers import press_again
from tests.simulation.stage import START, Purchase, Stage, on_stage
from tests.simulation.story import shorten, tell
from tests.simulation.truth import all_payments
from tests.simulation.violation import ViolationError
from tests.world import CUSTOMER

BY_NAME = {mutation.name: mutation for mutation in MUTATIONS}


@dataclass
class Always(Fair):
    """One fault, always."""

    call: CallFault | None = None
    post: PostFault | None = None

    def call_fault(self) -> CallFault | None:
        return self.call

    def post_fault(self) -> PostFault | None:
        return self.post


@dataclass
class Once(Fair):
    """The process dies at the first boundary of one kind."""

    at: Boundary

    def dies(self, at: Boundary) -> bool:
        return at is self.at


def test_a_seed_repeats_a_story_to_the_letter(bank: SqliteBank) -> None:
    first = tell(11, LENGTH, bank)
    rows = bank.rows()
    again = tell(11, LENGTH, bank)

    assert again.story == first.story
    assert again.tally == first.tally
    assert bank.rows() == rows
    assert tell(12, LENGTH, bank).story != first.story


def test_a_story_starts_no_thread_and_opens_no_socket(
    bank: SqliteBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[threading.Thread] = []
    opened: list[object] = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    monkeypatch.setattr(socket.socket, "connect", lambda *given: opened.append(given))

    outcome = tell(6, LENGTH, bank)

    assert outcome.violation is None
    assert outcome.tally["call: answered"] > 10
    assert (started, opened) == ([], [])


def test_a_failing_story_is_told_shortly_and_still_fails(bank: SqliteBank) -> None:
    mutation = BY_NAME["approval forgotten"]
    found = find(mutation, bank)
    assert found is not None
    with mutated(mutation):
        steps, shortest = shorten(found, LENGTH, bank)
        replayed = tell(found.seed, LENGTH, bank, steps=steps)

    assert len(steps) <= 8
    assert {step.name for step in steps} >= {"check out", "pay"}
    assert shortest.violation is not None
    assert found.violation is not None
    assert shortest.violation.rule == found.violation.rule == mutation.rule
    assert replayed.story == shortest.story


def test_the_program_replays_a_failing_seed_and_says_which_rule_broke(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mutation = BY_NAME["no next look"]
    with mutated(mutation):
        code = program.main(["--seed", str(mutation.seed), "--steps", "10"])

    said = capsys.readouterr().out
    assert code == 1
    assert said.splitlines()[-1].startswith(mutation.rule)
    assert "check out" in said


def test_the_program_tells_one_story_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--seed", "3", "--steps", "12"]) == 0

    said = capsys.readouterr().out
    assert "shopper buys" in said
    assert "every rule held" in said.splitlines()[-1]


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        (CallFault.REFUSED, GatewayUnavailableError, False),
        (CallFault.REQUEST_LOST, GatewayOutcomeUnknownError, False),
        (CallFault.DELAYED, GatewayOutcomeUnknownError, False),
        (CallFault.ANSWER_LOST, GatewayOutcomeUnknownError, True),
        (CallFault.RESET, GatewayOutcomeUnknownError, True),
        (CallFault.BAD_GATEWAY, GatewayOutcomeUnknownError, False),
        (CallFault.BAD_GATEWAY_DONE, GatewayOutcomeUnknownError, True),
        (CallFault.TOO_MANY, GatewayUnavailableError, False),
        (CallFault.GARBLED, GatewayOutcomeUnknownError, True),
        (CallFault.SLOW, None, True),
    ],
)
@pytest.mark.parametrize("gateway", list(GatewayName))
def test_each_fault_of_a_call_reaches_the_shop_through_the_real_sdk(
    gateway: GatewayName,
    fault: CallFault,
    error: type[Exception] | None,
    is_done: bool,
    bank: SqliteBank,
) -> None:
    with scene(bank) as told:
        page = told.buy(gateway)
        told.act(page, "pay", payment_type="gopay", channel="DANA")
        (paid,) = all_payments(told.stage.sandbox)
        subject = ChargeSubject(paid.reference, paid.gateway_id, paid.gateway_id)
        request = RefundRequest(subject, "the-key", Rupiah(1_000), "", RefundRoute.REFUND)
        raised = None
        with told.stage.under(Always(call=fault)):
            try:
                told.stage.desk.gateway(gateway).refund(request)
            except GatewayError as problem:
                raised = problem

        assert type(raised) is (error or type(None))
        (payment,) = all_payments(told.stage.sandbox)
        assert len(payment.returned) == (1 if is_done else 0)
        told.stage.pass_time(60)
        (payment,) = all_payments(told.stage.sandbox)
        assert len(payment.returned) == (1 if is_done or fault is CallFault.DELAYED else 0)


@pytest.mark.parametrize(
    ("fault", "stored", "acknowledged", "comes_again"),
    [
        (None, 1, 1, False),
        (PostFault.LOST, 0, 0, True),
        (PostFault.DROPPED, 0, 0, False),
        (PostFault.ANSWER_LOST, 1, 1, True),
        (PostFault.DUPLICATE, 2, 1, False),
        (PostFault.FORGED_FIRST, 2, 1, False),
    ],
)
def test_each_fault_of_a_delivery(
    fault: PostFault | None, stored: int, acknowledged: int, comes_again: bool, bank: SqliteBank
) -> None:
    with scene(bank) as told:
        page = told.buy(GatewayName.MIDTRANS)
        told.stage.control.midtrans(
            {"payment_type": "gopay", "outcome": "pending"}, page.name, "pay"
        )
        with told.stage.under(Always(post=fault)):
            told.stage.mailbag.deliver_all()

        assert told.stage.mailbag.stored() == stored
        assert len(told.stage.mailbag.acknowledged) == acknowledged
        told.stage.pass_time(121)
        assert bool(told.stage.mailbag.waiting) is comes_again


@pytest.mark.parametrize(
    ("at", "orders", "invoices"),
    [
        (Boundary.BEFORE_TRANSACTION, 0, 0),
        (Boundary.BEFORE_COMMIT, 0, 0),
        (Boundary.AFTER_COMMIT, 0, 0),
        (Boundary.BEFORE_CALL, 1, 0),
        (Boundary.AFTER_CALL, 1, 1),
    ],
)
def test_a_process_that_dies_leaves_what_it_had_committed(
    at: Boundary, orders: int, invoices: int, bank: SqliteBank
) -> None:
    with scene(bank) as told:
        with told.stage.under(Once(at)):
            told.stage.attempt(lambda: press(told.stage))

        assert told.stage.boundaries.counts[f"crash {at}"] == 1
        assert len(read_records(bank.engine).orders) == orders
        assert len(told.stage.sandbox.xendit.book.invoices) == invoices


def press(stage: Stage) -> str | None:
    """Buy at Xendit; a story's first boundary is passed while it looks for an earlier try."""
    lines = (CartLine("BATIK", 1),)
    request = CheckoutRequest("intent", "cart", GatewayName.XENDIT, lines, CUSTOMER, "id")
    stage.purchases.append(Purchase(request))
    return press_again(stage, random.Random(2))


def test_a_call_inside_a_transaction_is_a_violation(bank: SqliteBank) -> None:
    with (
        on_stage(1, bank) as stage,
        stage.desk.reads(),
        pytest.raises(ViolationError, match="no network call inside a transaction"),
    ):
        stage.desk.gateway(GatewayName.XENDIT).find_charge("LN-0000000000-1")


def test_figures_are_added_up_from_pieces_and_a_run_goes_on_where_it_was(
    tmp_path: Path, bank: SqliteBank
) -> None:
    file = tmp_path / "figures.jsonl"
    whole = run(range(4), 10, bank)
    chunks = list(run_into(file, 0, 4, 10, bank))

    assert [chunk.stories for chunk in chunks] == [4]
    assert list(run_into(file, 0, 4, 10, bank)) == []
    summed = total([*read_reports([file]), Report(100, stories=2, orders=3)])
    assert (summed.stories, summed.orders) == (6, whole.orders + 3)
    assert summed.tally == whole.tally
    assert as_markdown(summed).startswith("6 stories with ")


def test_the_corpus_is_a_database_of_the_shop_and_repeats(tmp_path: Path) -> None:
    first, second = corpus(5, 2, 12), corpus(5, 2, 12)
    file = tmp_path / "corpus.sqlite"
    file.write_bytes(lzma.decompress(first))

    assert first == second
    with closing(sqlite3.connect(file)) as connection:
        (orders,) = connection.execute("SELECT count(*) FROM orders").fetchone()
        (seen,) = connection.execute("SELECT count(*) FROM observations").fetchone()
    assert orders >= 2
    assert seen >= orders


@pytest.mark.postgres
def test_every_rule_holds_on_postgresql_too(databases: Databases) -> None:
    with databases.fresh("postgres") as url:
        bank = PostgresBank(url, START, migrated=True)
        report = run(range(900, 906), LENGTH, bank)
        bank.engine.dispose()

    assert report.violations == []
    assert report.orders >= 12
