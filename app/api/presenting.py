"""Orders and payment pages as the storefront reads them."""

from app.api.answers import (
    CreatedTransaction,
    GatewayConfig,
    LocalizedText,
    MidtransConfig,
    MidtransDoor,
    MidtransPage,
    OrderedLine,
    OrderOut,
    OrderPayment,
    PaymentDoor,
    PaymentInstructions,
    ProductOut,
    Reason,
    RefundOut,
    ShopConfig,
    XenditConfig,
    XenditDoor,
    XenditPage,
)
from app.core import methods
from app.core.contact import mask_email, mask_phone
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.models import Attempt, OrderItem, Product
from app.services.order_reading import OrderView, RefundView
from app.services.payment_pages import PaymentPage
from app.settings import Settings


def present_config(settings: Settings, gateways: list[GatewayName]) -> ShopConfig:
    """Return what the storefront needs to know of this shop; no secret is among it."""
    return ShopConfig(
        shop_name=settings.shop_name,
        gateways=[_gateway(settings, name) for name in gateways],
        demo=settings.is_demo,
    )


def _gateway(settings: Settings, name: GatewayName) -> GatewayConfig:
    if name is GatewayName.MIDTRANS and settings.midtrans is not None:
        return MidtransConfig(
            client_key=settings.midtrans.client_key, snap_js_url=settings.midtrans.snap_js_url
        )
    return XenditConfig()


def present_product(product: Product) -> ProductOut:
    """Return one thing on sale."""
    return ProductOut(
        sku=product.sku,
        name=LocalizedText(id=product.name_id, en=product.name_en),
        description=LocalizedText(id=product.description_id, en=product.description_en),
        price_idr=product.price_idr,
        available=product.available,
        image_url=product.image,
    )


def present_page(page: PaymentPage, settings: Settings) -> CreatedTransaction:
    """Return where to pay: a token and its page for Midtrans, an invoice for Xendit."""
    if page.gateway is GatewayName.XENDIT:
        return CreatedTransaction(
            XenditPage(
                order_id=page.order_id,
                order_number=page.order_number,
                expires_at=page.expires_at,
                invoice_url=page.page_url,
            )
        )
    return CreatedTransaction(
        MidtransPage(
            order_id=page.order_id,
            order_number=page.order_number,
            expires_at=page.expires_at,
            transaction_token=page.token,
            redirect_url=page.page_url,
            client_key=_client_key(settings),
        )
    )


def _client_key(settings: Settings) -> str:
    return settings.midtrans.client_key if settings.midtrans else ""


def present_order(view: OrderView, settings: Settings) -> OrderOut:
    """Return an order for the shopper who holds its link."""
    order = view.order
    words = WORDS[Why(order.last_why)]
    return OrderOut(
        order_id=order.public_id,
        order_number=order.number,
        status=order.payment_status,
        reason=Reason(code=order.last_why, id=words.id, en=words.en),
        total_idr=order.total_idr,
        created_at=order.created_at,
        expires_at=order.expires_at,
        paid_at=order.paid_at,
        items=[_line(item) for item in order.items],
        customer_name=order.customer_name,
        # Links are passed on: who was only sent one must not learn how to reach the buyer.
        customer_email_masked=mask_email(order.customer_email),
        customer_phone_masked=mask_phone(order.customer_phone),
        payment=_payment(view, settings),
        confirming=view.confirming,
        refunded_idr=order.refunded_idr,
        refunds=[_refund(refund) for refund in view.refunds],
        refund_pending_idr=view.refund_pending_idr,
        final=view.final,
    )


def _line(item: OrderItem) -> OrderedLine:
    return OrderedLine(
        sku=item.sku,
        name=LocalizedText(id=item.name_id, en=item.name_en),
        quantity=item.quantity,
        unit_price_idr=item.unit_price_idr,
        line_total_idr=item.line_total_idr,
        image_url=item.image,
    )


def _payment(view: OrderView, settings: Settings) -> OrderPayment:
    attempt = view.attempt
    return OrderPayment(
        gateway=attempt.gateway,
        method=view.method,
        method_label=methods.label(view.method) or None,
        instructions=_instructions(attempt) if view.can_continue else None,
        last_outcome="denied" if view.declined else None,
        go_on=_door(attempt, settings) if view.can_continue else None,
        qr_url=qr_address(view.order.public_id) if view.page_url else None,
        can_retry=view.can_retry,
    )


def qr_address(public_id: str) -> str:
    """Return where the picture of an order's open page is."""
    return f"/api/orders/{public_id}/page.svg"


def _refund(refund: RefundView) -> RefundOut:
    return RefundOut(
        number=refund.number,
        amount_idr=refund.amount_idr,
        step=refund.step,
        method_label=methods.label(refund.method) or None,
        least_days=refund.arrival.least_days,
        most_days=refund.arrival.most_days,
        requested_at=refund.requested_at,
        sent_at=refund.sent_at,
        finished_at=refund.finished_at,
    )


def _door(attempt: Attempt, settings: Settings) -> PaymentDoor | None:
    # A charge that we only learned about later has no address that we know of.
    if not attempt.page_url:
        return None
    if attempt.gateway is GatewayName.XENDIT:
        return XenditDoor(invoice_url=attempt.page_url)
    return MidtransDoor(
        transaction_token=attempt.token,
        redirect_url=attempt.page_url,
        client_key=_client_key(settings),
    )


def _instructions(attempt: Attempt) -> PaymentInstructions | None:
    if not attempt.pay_code_number:
        return None
    # A bill has two numbers, which are typed one after the other.
    company_code, _, number = attempt.pay_code_number.rpartition(" / ")
    return PaymentInstructions.model_validate(
        {
            "kind": attempt.pay_code_kind,
            "label": methods.label(attempt.method) or attempt.pay_code_label,
            "number": number,
            "company_code": company_code or None,
        }
    )
