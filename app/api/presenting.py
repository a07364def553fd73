"""Orders and payment pages as the storefront reads them."""

from datetime import datetime

from app.core import methods
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.models import Attempt, OrderItem, Product
from app.services.order_reading import OrderView
from app.services.payment_pages import PaymentPage
from app.settings import Settings


def config_json(settings: Settings, gateways: list[GatewayName]) -> dict[str, object]:
    """Return what the storefront needs to know of this shop; no secret is among it."""
    return {
        "shop_name": settings.shop_name,
        "gateways": [_gateway_json(settings, name) for name in gateways],
        "demo": settings.is_demo,
    }


def _gateway_json(settings: Settings, name: GatewayName) -> dict[str, object]:
    if name is GatewayName.MIDTRANS and settings.midtrans is not None:
        return {
            "id": name.value,
            "client_key": settings.midtrans.client_key,
            "snap_js_url": settings.midtrans.snap_js_url,
        }
    return {"id": name.value}


def product_json(product: Product) -> dict[str, object]:
    """Return one thing on sale."""
    return {
        "sku": product.sku,
        "name": {"id": product.name_id, "en": product.name_en},
        "description": {"id": product.description_id, "en": product.description_en},
        "price_idr": product.price_idr,
        "available": product.available,
        "image_url": product.image,
    }


def page_json(page: PaymentPage, settings: Settings) -> dict[str, object]:
    """Return where to pay: a token and its page for Midtrans, an invoice for Xendit."""
    body: dict[str, object] = {
        "order_id": page.order_id,
        "order_number": page.order_number,
        "gateway": page.gateway.value,
        "expires_at": page.expires_at.isoformat(),
    }
    return body | _links(page.gateway, page.token, page.page_url, settings)


def _links(
    gateway: GatewayName, token: str | None, page_url: str, settings: Settings
) -> dict[str, object]:
    if gateway is GatewayName.XENDIT:
        return {"invoice_url": page_url}
    return {
        "transaction_token": token,
        "redirect_url": page_url,
        "client_key": settings.midtrans.client_key if settings.midtrans else "",
    }


def order_json(view: OrderView, settings: Settings) -> dict[str, object]:
    """Return an order for the shopper who holds its link."""
    order = view.order
    words = WORDS[Why(order.last_why)]
    return {
        "order_id": order.public_id,
        "order_number": order.number,
        "status": order.payment_status.value,
        "reason": {"code": order.last_why, "id": words.id, "en": words.en},
        "total_idr": order.total_idr,
        "created_at": order.created_at.isoformat(),
        "expires_at": order.expires_at.isoformat(),
        "paid_at": _iso(order.paid_at),
        "items": [_item_json(item) for item in order.items],
        "customer_name": order.customer_name,
        "payment": _payment_json(view, settings),
        "confirming": view.confirming,
        "refunded_idr": order.refunded_idr,
        "refund_pending_idr": view.refund_pending_idr,
        "final": view.final,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _item_json(item: OrderItem) -> dict[str, object]:
    return {
        "sku": item.sku,
        "name": {"id": item.name_id, "en": item.name_en},
        "quantity": item.quantity,
        "unit_price_idr": item.unit_price_idr,
        "line_total_idr": item.line_total_idr,
        "image_url": item.image,
    }


def _payment_json(view: OrderView, settings: Settings) -> dict[str, object]:
    attempt = view.attempt
    go_on = (
        _links(attempt.gateway, attempt.token, attempt.page_url or "", settings)
        if view.can_continue
        else None
    )
    return {
        "gateway": attempt.gateway.value,
        "method": attempt.method,
        "method_label": methods.label(attempt.method) or None,
        "instructions": _instructions(attempt) if view.can_continue else None,
        "last_outcome": "denied" if view.declined else None,
        "continue": go_on,
        "can_retry": view.can_retry,
    }


def _instructions(attempt: Attempt) -> dict[str, object] | None:
    if not attempt.pay_code_number:
        return None
    return {
        "kind": attempt.pay_code_kind,
        "label": methods.label(attempt.method) or attempt.pay_code_label,
        "number": attempt.pay_code_number,
    }
