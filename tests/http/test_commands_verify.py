"""``flask lunas verify``: what it prints, for which orders, and with which exit code."""

from flask import Flask

from app.core.states import GatewayName
from app.services.payment_pages import PaymentPage
from tests.http.back_office import office
from tests.integration.damage import damage
from tests.integration.test_refunds import paid
from tests.world import SKU, World

__all__ = ["office"]


def verify(office: Flask, *options: str) -> tuple[int, list[str]]:
    """Run the command; return its exit code and what it printed."""
    result = office.test_cli_runner().invoke(args=["lunas", "verify", *options])
    return result.exit_code, result.output.splitlines()


def broken(shop: World) -> PaymentPage:
    page = paid(shop, GatewayName.MIDTRANS)
    damage(
        shop,
        "UPDATE orders SET captured_idr = 200001 WHERE number = :number",
        number=shop.order(page).number,
    )
    return page


def test_where_everything_agrees_it_says_so(office: Flask, shop: World) -> None:
    whole = paid(shop, GatewayName.MIDTRANS)

    for options in ((), ("--all",), ("--order", shop.order(whole).number)):
        assert verify(office, *options) == (0, ["Everything agrees."])


def test_each_difference_is_told_with_its_order(office: Flask, shop: World) -> None:
    whole, wrong = paid(shop, GatewayName.MIDTRANS), broken(shop)
    number = shop.order(wrong).number
    words = "The order's amounts are not those that follow from its payments and refunds."
    expected = "captured Rp 200.000, refunded Rp 0, reserved Rp 0"
    found = "captured Rp 200.001, refunded Rp 0, reserved Rp 0"
    told = [
        f"{number}  sums_differ  {words}",
        f"  {number}: expected {expected}; found {found}",
        "1 differ.",
    ]

    assert verify(office, "--all") == (1, told)
    assert verify(office) == (1, told)
    assert verify(office, "--order", number.lower()) == (1, told)
    assert verify(office, "--order", shop.order(whole).number) == (0, ["Everything agrees."])


def test_goods_are_named_by_their_sku(office: Flask, shop: World) -> None:
    damage(shop, f"UPDATE products SET reserved = 1 WHERE sku = '{SKU}'")

    code, lines = verify(office)

    assert (code, lines[0].split()[:2]) == (1, [SKU, "reserved_stock_differs"])


def test_without_an_option_old_orders_are_left_out_until_something_is_found_there(
    office: Flask, shop: World
) -> None:
    broken(shop)
    damage(shop, "UPDATE orders SET updated_at = '2020-01-01 00:00:00.000000'")

    assert verify(office)[0] == 0
    assert verify(office, "--all")[0] == 1
    assert verify(office)[0] == 1


def test_an_order_that_is_not_there_is_an_error(office: Flask) -> None:
    assert verify(office, "--order", "LN-0000000000") == (
        1,
        ["Error: there is no order LN-0000000000."],
    )


def test_one_order_and_all_orders_at_once_is_a_contradiction(office: Flask) -> None:
    code, lines = verify(office, "--order", "LN-0000000000", "--all")

    assert code == 2
    assert lines[-1] == "Error: Choose --order or --all, not both."
