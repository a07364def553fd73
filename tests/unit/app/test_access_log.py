import pytest

from app.access_log import without_keys

KEY = "Q7v4IoXlVPVuZ_MWfU6gSOrD"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/orders/{KEY}", "/orders/Q7v4…"),
        (f"/api/orders/{KEY}", "/api/orders/Q7v4…"),
        (f"/api/orders/{KEY}/retry", "/api/orders/Q7v4…/retry"),
        ("/admin/orders/LN-7Q2M4XK9TB", "/admin/orders/LN-7Q2M4XK9TB"),
        ("/api/products", "/api/products"),
        ("/", "/"),
    ],
)
def test_an_orders_address_is_cut_short_in_the_log(path: str, logged: str) -> None:
    assert without_keys(path) == logged
