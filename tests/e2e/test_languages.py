"""Both languages of the shop and of the back office."""

from playwright.sync_api import expect

from tests.e2e.shopper import Shopper
from tests.e2e.staff_member import StaffMember


def test_the_shop_speaks_indonesian_and_english_up_to_the_paid_order(shopper: Shopper) -> None:
    page = shopper.page
    page.goto(shopper.shop)
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.get_by_role("heading", name="Semua barang")).to_be_visible()

    page.get_by_test_id("language-switch").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", name="Gayo Arabica Coffee 250 g")).to_be_visible()
    shopper.order()
    expect(shopper.popup.root.locator("html")).to_have_attribute("lang", "en")
    shopper.pay_by("gopay")
    shopper.expect_status("paid")
    expect(shopper.status).to_contain_text("Paid. Thank you!")
    page.get_by_test_id("language-switch").click()
    expect(shopper.status).to_contain_text("Lunas. Terima kasih!")


def test_the_back_office_speaks_indonesian_and_english(
    shopper: Shopper, staff: StaffMember
) -> None:
    shopper.order()
    shopper.expect_situation("unpaid")
    number = shopper.order_number()

    staff.sign_in(language="id")
    staff.open_order(number)
    staff.expect_text("Pembeli membuat pesanan; stok dicadangkan.")
    expect(staff.page.get_by_role("button", name="Periksa status sekarang")).to_be_visible()
    staff.page.locator('.languages button[value="en"]').click()

    expect(staff.heading).to_contain_text(number)
    staff.expect_text("The shopper placed the order; stock is reserved.")
    expect(staff.page.get_by_role("button", name="Check status now")).to_be_visible()
    staff.expect_text("WIB")
