"""What the API answers, as models: what they do not name never leaves, and no field is forgotten.

The OpenAPI document and the storefront's TypeScript types are made from them.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

from app.core.refund_progress import RefundStep
from app.core.states import GatewayName, PaymentStatus

Idr = Annotated[int, Field(ge=0, description="Whole rupiah.")]


class Answer(BaseModel):
    """Any object that the API answers with."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LocalizedText(Answer):
    """One text in both languages of the shop."""

    id: str
    en: str


class MidtransConfig(Answer):
    """How to open Midtrans' payment pop-up."""

    id: Literal["midtrans"] = "midtrans"
    client_key: Annotated[str, Field(description="Midtrans' public key; meant for browsers.")]
    snap_js_url: Annotated[str, Field(description="The one script of others that the shop loads.")]


class XenditConfig(Answer):
    """Xendit needs nothing: its page is an address to go to."""

    id: Literal["xendit"] = "xendit"


GatewayConfig = Annotated[MidtransConfig | XenditConfig, Field(discriminator="id")]


class ShopConfig(Answer):
    """What the storefront needs to know of this shop; no secret is among it."""

    shop_name: str
    gateways: Annotated[list[GatewayConfig], Field(description="The default one first.")]
    demo: Annotated[bool, Field(description="True where nothing is sold for real.")]


class ProductOut(Answer):
    """One thing on sale."""

    sku: str
    name: LocalizedText
    description: LocalizedText
    price_idr: Idr
    available: Annotated[int, Field(ge=0, description="Pieces that can still be ordered.")]
    image_url: str


class ProductList(Answer):
    """Everything on sale."""

    products: list[ProductOut]


class MidtransDoor(Answer):
    """Where to pay at Midtrans: the pop-up by its token, or the same page by its address."""

    transaction_token: Annotated[str | None, Field(description="For `snap.pay`.")]
    redirect_url: str
    client_key: str


class XenditDoor(Answer):
    """Where to pay at Xendit."""

    invoice_url: str


PaymentDoor = MidtransDoor | XenditDoor


class _Created(Answer):
    order_id: Annotated[str, Field(description="The unguessable id by which the order is read.")]
    order_number: Annotated[str, Field(description="For people: on receipts and at the counter.")]
    expires_at: Annotated[AwareDatetime, Field(description="The page can be used until then.")]


class MidtransPage(_Created, MidtransDoor):
    """An open payment page at Midtrans."""

    gateway: Literal["midtrans"] = "midtrans"


class XenditPage(_Created, XenditDoor):
    """An open payment page at Xendit."""

    gateway: Literal["xendit"] = "xendit"


class CreatedTransaction(
    RootModel[Annotated[MidtransPage | XenditPage, Field(discriminator="gateway")]]
):
    """An order and its open payment page."""


class Reason(LocalizedText):
    """Why the order is where it is."""

    code: str


class OrderedLine(Answer):
    """One line of an order, at the price of the moment it was placed."""

    sku: str
    name: LocalizedText
    quantity: Annotated[int, Field(ge=1)]
    unit_price_idr: Idr
    line_total_idr: Idr
    image_url: str


class PaymentInstructions(Answer):
    """What the shopper types at the bank, the counter or into a wallet."""

    kind: Literal["va", "payment_code", "bill"]
    label: str
    number: str
    company_code: Annotated[
        str | None, Field(description="Asked for before the number, by Mandiri's bill payment.")
    ]


class OrderPayment(Answer):
    """The latest try to pay."""

    model_config = ConfigDict(serialize_by_alias=True)

    gateway: GatewayName
    method: str | None
    method_label: str | None
    instructions: PaymentInstructions | None
    last_outcome: Annotated[
        Literal["denied"] | None, Field(description="Denied: another method may still work.")
    ]
    go_on: Annotated[
        PaymentDoor | None,
        Field(serialization_alias="continue", description="The page that is still open, if any."),
    ]
    qr_url: Annotated[
        str | None,
        Field(description="Picture (SVG) of the open page's address: to go on on a telephone."),
    ]
    can_retry: Annotated[bool, Field(description="Whether another page may be asked for.")]


class RefundOut(Answer):
    """One refund, as far as it concerns the shopper."""

    number: Annotated[int, Field(ge=1, description="Counts within the order.")]
    amount_idr: Idr
    step: RefundStep
    method_label: Annotated[
        str | None, Field(description="Where it goes back to; null for a bank transfer by hand.")
    ]
    least_days: Annotated[int, Field(ge=0, description="Working days that it usually takes.")]
    most_days: Annotated[int, Field(ge=0)]
    requested_at: AwareDatetime
    sent_at: AwareDatetime | None
    finished_at: AwareDatetime | None


class OrderOut(Answer):
    """An order, for whoever holds its link."""

    order_id: str
    order_number: str
    status: PaymentStatus
    reason: Reason
    total_idr: Idr
    created_at: AwareDatetime
    expires_at: AwareDatetime
    paid_at: AwareDatetime | None
    items: list[OrderedLine]
    customer_name: str
    customer_email_masked: Annotated[str, Field(description="Such as `r•••@contoh.example`.")]
    customer_phone_masked: Annotated[str, Field(description="Such as `+62•••7890`.")]
    payment: OrderPayment
    confirming: Annotated[
        bool,
        Field(description="True while the gateway is asked about a message that it was paid."),
    ]
    refunded_idr: Idr
    refunds: Annotated[list[RefundOut], Field(description="Oldest first.")]
    refund_pending_idr: Annotated[int, Field(ge=0, description="On its way back; whole rupiah.")]
    final: Annotated[bool, Field(description="True once polling may end.")]


class Health(Answer):
    """That this process answers."""

    status: Literal["ok"]


class ReadinessOut(Answer):
    """Whether this process may be given requests; if not, why."""

    status: Literal["ready", "database_unavailable", "migrations_missing"]


class Acknowledgement(Answer):
    """What became of a gateway's notification."""

    result: Annotated[str, Field(description="A code for programs.")]
    detail: Annotated[str, Field(description="The same in words.")]


def _is_none(value: object) -> bool:
    return value is None


class FieldProblem(Answer):
    """One field, or one line of the cart, that needs another value."""

    field: Annotated[str, Field(description="Path in the body: `customer.email`.")]
    code: str
    message: Annotated[str, Field(description="In the shopper's language.")]
    sku: Annotated[str | None, Field(exclude_if=_is_none)] = None
    available: Annotated[int | None, Field(ge=0, exclude_if=_is_none)] = None
    price_idr: Annotated[
        int | None, Field(ge=0, exclude_if=_is_none, description="What one piece costs now.")
    ] = None


class ProblemBody(Answer):
    """An error after RFC 9457, as `application/problem+json`."""

    type: Annotated[str, Field(description="`urn:lunas:problem:` and the code.")]
    title: Annotated[str, Field(description="What is wrong, the same for every such problem.")]
    status: Annotated[int, Field(description="The HTTP code of the answer.")]
    detail: Annotated[str, Field(description="What to do about it this time.")]
    code: Annotated[str, Field(description="For programs; every code is listed in /api/docs.")]
    errors: Annotated[list[FieldProblem] | None, Field(exclude_if=_is_none)] = None
    order_id: Annotated[
        str | None,
        Field(exclude_if=_is_none, description="The order that was kept although this failed."),
    ] = None
