"""What has changed since a bulk run was asked for, shown to whoever decides."""

import re
import secrets
from collections.abc import Sequence

from flask import Flask

from app.core.bulk import BulkKind, BulkState
from app.core.states import GatewayName
from app.services.bulk import NewRun, draft_run, submit_run
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, office
from tests.integration.bulk_scenes import (
    dear_orders,
    likenesses,
    paid_orders,
    refunds_of,
    rows_of,
    run_of,
    states_of,
    submission,
    turn,
)
from tests.integration.test_dry_run import settlement
from tests.integration.test_freeze import break_books
from tests.integration.test_refunds import paid
from tests.statements import statements_on
from tests.world import World

__all__ = ["office"]

# Past every gateway's window for refunds.
_A_YEAR_S = 366 * 86_400


def asked_for(shop: World, pages: Sequence[PaymentPage]) -> int:
    """Return a run of refunds that waits for a second person."""
    return asked_for_orders(shop, [shop.order(page).id for page in pages])


def asked_for_orders(shop: World, order_ids: Sequence[int]) -> int:
    finance = shop.staff_id("finance")
    run_id = draft_run(
        shop.desk, NewRun(secrets.token_hex(8), BulkKind.REFUND, order_ids, "", finance)
    )
    state = submit_run(shop.desk, run_id, submission(shop, run_id, staff_id=finance))
    assert state is BulkState.AWAITING_APPROVAL
    return run_id


def everything_of(shop: World, run_id: int) -> tuple[object, ...]:
    """Return what looking at a run must not change."""
    run = run_of(shop, run_id)
    rows = [(row.state, row.amount_idr, row.why) for row in rows_of(shop, run_id)]
    return (run.state, run.manifest_hash, run.sum_idr, rows, refunds_of(shop))


def test_whoever_decides_reads_that_nothing_changed_since_the_request(
    office: Flask, shop: World
) -> None:
    run_id = asked_for(shop, dear_orders(shop))

    page = Browser(office, "approver").page(f"/admin/bulk/{run_id}")

    assert "The rules say the same as when it was asked for." in page.text
    assert "Changed since the request" not in page.text


def test_whoever_decides_reads_what_would_be_left_out_now_and_why(
    office: Flask, shop: World
) -> None:
    as_asked, less, frozen, gone = dear_orders(shop, 4)
    run_id = asked_for(shop, [as_asked, less, frozen, gone])
    shop.refund(less, 1_000)
    break_books(shop, frozen)
    shop.refund(gone, 500_000)
    before = everything_of(shop, run_id)
    approver = Browser(office, "approver")

    page = approver.page(f"/admin/bulk/{run_id}")

    assert "Rp 2.000.000 for 4 orders → Rp 500.000 for 1 order" in page.text
    assert len(re.findall("Would be left out now", page.text)) == 3
    assert page.text.count("Rp 500.000 for 1 order.") == 3
    assert "What is left to refund is no longer the amount that was asked for." in page.text
    assert "Left to refund : Rp 500.000 → Rp 499.000" in page.text
    changed = [shop.order(one).number for one in (less, frozen, gone)]
    assert all(number in page.text for number in changed)
    shown = page.text[page.text.index("If you approve now") : page.text.index("Approve and send")]
    assert shop.order(as_asked).number not in shown
    assert everything_of(shop, run_id) == before

    approver.submit(page.form("/approve"))
    turn(shop)
    assert states_of(shop, run_id) == ["done", "failed", "failed", "failed"]


def test_an_order_that_became_possible_stays_left_out_and_says_so(
    office: Flask, shop: World
) -> None:
    late = shop.checkout(GatewayName.MIDTRANS, quantity=1)
    run_id = asked_for(shop, [*dear_orders(shop), late])
    shop.pay(late, "gopay")
    shop.deliver_all(late)
    shop.confirm()

    text = Browser(office, "approver").page(f"/admin/bulk/{run_id}").text

    assert "Total that would be refunded now : Rp 1.500.000 for 3 orders" in text
    assert "Would be left out now" not in text
    assert "Left to refund : Rp 0 → Rp 100.000" in text
    assert "stays left out, as in the list that was asked for" in text


def test_a_way_back_that_is_another_now_leaves_the_order_out(office: Flask, shop: World) -> None:
    wallets = dear_orders(shop, 2)
    card = paid(shop, GatewayName.MIDTRANS, "credit_card", quantity=5)
    run_id = asked_for(shop, [*wallets, card])
    assert [row.route for row in rows_of(shop, run_id)] == ["refund", "refund", "void"]
    settlement(shop, card)

    text = Browser(office, "approver").page(f"/admin/bulk/{run_id}").text

    assert "Rp 1.500.000 for 3 orders → Rp 1.000.000 for 2 orders" in text
    assert "The payment has settled meanwhile, so it goes back another way" in text


def test_what_changed_is_said_in_indonesian(office: Flask, shop: World) -> None:
    pages = dear_orders(shop)
    run_id = asked_for(shop, pages)
    shop.refund(pages[0], 1_000)

    text = Browser(office, "approver", "id").page(f"/admin/bulk/{run_id}").text

    assert "Rp 1.500.000 untuk 3 pesanan → Rp 1.000.000 untuk 2 pesanan" in text
    assert "Sekarang akan dilewati : Rp 500.000 untuk 1 pesanan" in text


def test_only_whoever_decides_is_told_what_changed(office: Flask, shop: World) -> None:
    pages = dear_orders(shop)
    run_id = asked_for(shop, pages)
    shop.refund(pages[0], 1_000)

    told = {
        role: "Would be left out now" in Browser(office, role).page(f"/admin/bulk/{run_id}").text
        for role in ("viewer", "refunder", "finance", "approver")
    }

    assert told == {"viewer": False, "refunder": False, "finance": False, "approver": True}


def test_a_long_run_is_judged_in_few_statements_and_shows_its_first_changes(
    office: Flask, shop: World
) -> None:
    few, model = dear_orders(shop), paid_orders(shop, 1, quantity=1)[0]
    few_run = asked_for(shop, few)
    many_run = asked_for_orders(shop, [shop.order(model).id, *likenesses(shop, model, 499)])
    shop.clock.advance(_A_YEAR_S)
    approver = Browser(office, "approver")

    asked, pages = list[int](), list[str]()
    for run_id in (few_run, many_run):
        with statements_on(office.extensions["lunas_desk"].sessions) as statements:
            pages.append(approver.page(f"/admin/bulk/{run_id}").text)
        asked.append(len(statements))

    assert asked[0] == asked[1]
    assert asked[1] < 30
    assert "Would be left out now : Rp 50.000.000 for 500 orders" in pages[1]
    assert "and 475 more" in pages[1]
