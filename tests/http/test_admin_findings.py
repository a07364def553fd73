"""Findings, frozen orders and the ledger in the back office."""

import pytest
from flask import Flask

from app.core.states import GatewayName, RefundState
from app.services.payment_pages import PaymentPage
from app.services.verification import verify_all
from tests.http.back_office import Browser, audit, office
from tests.integration.damage import damage
from tests.integration.test_refunds import paid
from tests.world import SKU, World

__all__ = ["office"]


@pytest.fixture
def broken(shop: World) -> PaymentPage:
    """Provide a paid order of Rp 200.000, half of it refunded, whose sums do not agree."""
    page = paid(shop, GatewayName.MIDTRANS)
    shop.refund(page, 100_000)
    damage(shop, "UPDATE orders SET refunded_idr = 0")
    assert list(verify_all(shop.desk))
    return page


def order_url(shop: World, page: PaymentPage) -> str:
    return f"/admin/orders/{shop.order(page).number}"


def test_the_order_page_shows_the_books(office: Flask, shop: World) -> None:
    page = paid(shop, GatewayName.MIDTRANS)
    shop.refund(page, 50_000)

    text = Browser(office, "viewer").page(order_url(shop, page)).text

    assert "Net Rp 150.000" in text
    assert "3 postings" in text
    assert "Payment received" in text
    assert "Rp 200.000 Sales Held by the gateway" in text
    assert "Rp 50.000 Refunds payable Sales returns" in text
    assert "Rp 50.000 Held by the gateway Refunds payable" in text


def test_an_unpaid_order_has_an_empty_ledger(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)

    text = Browser(office, "viewer").page(order_url(shop, page)).text

    assert "No money has moved for this order." in text
    assert "Charged back Rp" not in text


def test_a_chargeback_stands_among_the_figures(office: Flask, shop: World) -> None:
    page = paid(shop, GatewayName.MIDTRANS, "credit_card")
    shop.act(page, "chargeback")
    shop.deliver_all(page)
    shop.confirm()

    text = Browser(office, "viewer").page(order_url(shop, page)).text

    assert "Charged back Rp 200.000 Net Rp 0" in text


def test_a_frozen_order_says_so_and_offers_no_refund(
    office: Flask, shop: World, broken: PaymentPage
) -> None:
    staff = Browser(office, "refunder")
    page = staff.page(order_url(shop, broken))

    assert "Refunds of this order are stopped" in page.text
    assert "Expected: captured Rp 200.000, refunded Rp 100.000, reserved Rp 0" in page.text
    assert "Found: captured Rp 200.000, refunded Rp 0, reserved Rp 0" in page.text
    assert f"{order_url(shop, broken)}/refund" not in page.links()
    assert not page.has_form("/release")
    refused = staff.page(f"{order_url(shop, broken)}/refund")
    assert "no refund is made until a person releases it" in refused.text
    assert not refused.has_form("/refund/confirm")


@pytest.mark.parametrize("role", ["approver", "finance"])
def test_whoever_decides_about_refunds_releases_the_order(
    office: Flask, shop: World, broken: PaymentPage, role: str
) -> None:
    staff = Browser(office, role)
    form = staff.page(order_url(shop, broken)).form("/release")

    page = staff.submit(form, reason="Dicek dengan laporan Midtrans")

    assert "Refunds of this order are stopped" not in page.text
    assert "The records of this order do not agree" in page.text
    assert "Dicek dengan laporan Midtrans" in page.text
    assert not page.has_form("/release")
    assert audit(shop, staff.email) == [("release_order", True, "")]
    assert shop.reasons(broken)[-1] == "order_released"


@pytest.mark.parametrize("role", ["viewer", "support", "refunder", "admin", "auditor"])
def test_nobody_else_releases_it_not_even_by_a_direct_post(
    office: Flask, shop: World, broken: PaymentPage, role: str
) -> None:
    staff = Browser(office, role)

    assert staff.post(f"{order_url(shop, broken)}/release", reason="x").status_code == 403
    assert audit(shop, staff.email) == [("release_order", False, "not_allowed")]
    assert "Refunds of this order are stopped" in staff.page(order_url(shop, broken)).text


def test_a_release_without_a_reason_is_refused_on_record(
    office: Flask, shop: World, broken: PaymentPage
) -> None:
    staff = Browser(office, "approver")
    page = staff.submit(staff.page(order_url(shop, broken)).form("/release"), reason="  ")

    assert "Refunds of this order are stopped" in page.text
    assert audit(shop, staff.email) == [("release_order", False, "reason_missing")]


def test_the_list_names_every_finding_and_who_released_it(
    office: Flask, shop: World, broken: PaymentPage
) -> None:
    damage(shop, f"UPDATE products SET reserved = 1 WHERE sku = '{SKU}'")
    list(verify_all(shop.desk))
    staff = Browser(office, "finance")
    number = shop.order(broken).number
    listed = staff.page("/admin/findings/")

    assert number in listed.text
    assert "The order's amounts are not those that follow" in listed.text
    assert "The reserved pieces of a product" in listed.text
    assert "Expected: 0 Found: 1" in listed.text
    frozen = staff.page("/admin/findings/?state=frozen")
    assert "The order's amounts are not those" in frozen.text
    assert "The reserved pieces of a product" not in frozen.text
    assert SKU in staff.page(f"/admin/findings/?search={SKU.lower()}").text
    assert number in staff.page(f"/admin/findings/?search={number}").text

    staff.submit(staff.page(order_url(shop, broken)).form("/release"), reason="Dicek")

    assert "Finance: Dicek" in staff.page("/admin/findings/?state=open").text
    assert number not in staff.page("/admin/findings/?state=frozen").text


def test_the_overview_counts_the_orders_whose_refunds_are_stopped(
    office: Flask, shop: World, broken: PaymentPage
) -> None:
    staff = Browser(office, "approver")
    assert "1 Orders whose refunds are stopped" in staff.page("/admin/").text

    staff.submit(staff.page(order_url(shop, broken)).form("/release"), reason="Dicek")

    assert "0 Orders whose refunds are stopped" in staff.page("/admin/").text


def test_a_refund_that_waits_says_that_the_order_is_frozen(office: Flask, shop: World) -> None:
    page = paid(shop, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    asked = shop.refund(page, 1_500_000)
    damage(shop, "UPDATE orders SET captured_idr = captured_idr + 1")
    list(verify_all(shop.desk))
    staff = Browser(office, "approver")
    refund = staff.page(f"/admin/refunds/{asked.refund_id}")

    assert "no refund is made until a person releases it" in refund.text
    answer = staff.submit(refund.form("/approve"))

    assert "no refund is made until a person releases it" in answer.text
    assert shop.refunds(page)[0].state is RefundState.AWAITING_APPROVAL
    assert audit(shop, staff.email) == [("approve_refund", False, "order_frozen")]


def test_findings_are_told_in_indonesian_too(
    office: Flask, shop: World, broken: PaymentPage
) -> None:
    staff = Browser(office, "approver", language="id")

    text = staff.page(order_url(shop, broken)).text

    assert "Refund pesanan ini dihentikan" in text
    assert "Jumlah pada pesanan tidak sesuai" in text
    assert "Seharusnya: diterima Rp 200.000, direfund Rp 100.000, dicadangkan Rp 0" in text
    assert "Temuan" in staff.page("/admin/findings/").text
