"""What a shopper sees and gets once an order is paid: receipt, review, refund, mails."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.shopper import COFFEE_IDR, Shopper
from tests.e2e.staff_member import StaffMember

HALF_IDR = COFFEE_IDR // 2


def _mails(stack: Stack, to: str) -> list[EmailMessage]:
    """Return the mails to one shopper, the oldest first."""
    found: list[EmailMessage] = []
    for file in (stack.places.var / "mail").glob("*"):
        read = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(read, EmailMessage)
        if read["To"] == to:
            found.append(read)
    return sorted(found, key=lambda mail: str(mail["Subject"]))


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


def test_a_refund_is_followed_to_its_end_and_both_mails_come_once(
    shopper: Shopper, staff: StaffMember, stack: Stack
) -> None:
    number = shopper.buy("gopay")
    link = shopper.page.url
    staff.sign_in()
    staff.open_order(number)
    staff.ask_for_refund(HALF_IDR, "One cup was chipped")
    staff.press("Refund Rp 49.000 now")
    expect(staff.heading).to_contain_text("Refunded")

    shopper.page.reload()
    shopper.expect_status("partially_refunded")
    refund = shopper.page.get_by_test_id("refund")
    expect(refund).to_have_attribute("data-step", "succeeded")
    # At a computer GoPay is paid by a QR code, and Midtrans then names it so.
    expect(refund).to_contain_text("Pengembalian Rp 49.000 ke QRIS")
    expect(refund).to_contain_text("1 sampai 7 hari kerja")
    assert axe.faults(shopper.page) == []

    stack.eventually(lambda: len(_mails(stack, shopper.email)) == 2)
    receipt, told = _mails(stack, shopper.email)
    assert receipt["Subject"] == f"Bukti pembayaran {number}: Rp 98.000"
    assert told["Subject"] == f"Pengembalian Rp 49.000 untuk pesanan {number}"
    assert all(link in _text(mail) for mail in (receipt, told))


def test_a_receipt_is_for_paper(shopper: Shopper, page: Page) -> None:
    number = shopper.buy("qris")
    page.get_by_test_id("receipt-link").click()

    receipt = page.get_by_test_id("receipt")
    expect(receipt).to_contain_text(number)
    expect(receipt).to_contain_text("QRIS")
    expect(receipt).to_contain_text("Rp 98.000")
    assert axe.faults(page) == []
    page.emulate_media(media="print")

    expect(receipt).to_be_visible()
    expect(page.get_by_test_id("cart-count")).to_be_hidden()
    expect(page.get_by_role("button", name="Cetak")).to_be_hidden()
    expect(receipt).to_have_css("color", "rgb(0, 0, 0)")


def test_a_payment_in_review_is_paid_once_the_bank_agrees(
    shopper: Shopper, books: Books, stack: Stack
) -> None:
    shopper.order()
    shopper.popup.pay_by_card("4511 1111 1111 1117")
    shopper.expect_status("in_review")
    (reference,) = books.references(shopper.order_number())

    stack.sandbox.act("midtrans", reference, "approve")

    shopper.expect_status("paid")


def test_a_window_that_was_closed_says_so_and_can_be_gone_on_with_on_a_telephone(
    shopper: Shopper, page: Page
) -> None:
    shopper.order()
    shopper.popup.close()
    shopper.expect_situation("unpaid")
    expect(page.get_by_test_id("return-hint")).to_contain_text("ditutup sebelum selesai")

    page.get_by_test_id("on-phone").click()

    picture = page.get_by_test_id("page-qr")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert axe.faults(page) == []


def test_mandiris_bill_shows_its_two_numbers_apart(shopper: Shopper, page: Page) -> None:
    shopper.order()
    shopper.popup.choose("echannel")
    shopper.popup.press("pay-later")
    shopper.expect_situation("waiting")

    box = page.locator(".pay-box")
    expect(box).to_contain_text("Kode perusahaan")
    number = page.get_by_test_id("pay-number").inner_text()
    assert number.isdigit()
