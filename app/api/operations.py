"""The operations of the API, as data: what each takes, answers and refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel

from app.api import examples
from app.api.answers import (
    Acknowledgement,
    CreatedTransaction,
    Health,
    OrderOut,
    ProductList,
    ReadinessOut,
    ShopConfig,
)
from app.api.schemas import CreateTransaction, RetryPayment

Example = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value beside the body; ``place`` is ``path`` or ``header``."""

    name: str
    place: str
    meaning: str
    schema: Mapping[str, object]
    example: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer that is no problem; without a model it is a picture."""

    status: int
    meaning: str
    model: type[BaseModel] | None
    examples: Mapping[str, Example]
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address; ``problems`` are codes of the problem book."""

    method: str
    path: str
    name: str
    tag: str
    summary: str
    description: str
    outcomes: tuple[Outcome, ...]
    problems: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    body_examples: Mapping[str, Example] = field(default_factory=dict[str, Example])


ORDER_ID_PATTERN: Final = "^[A-Za-z0-9_-]{24}$"
_ORDER_ID: Final = Parameter(
    "order_id",
    "path",
    "The unguessable id of the order: 144 random bits.",
    {"type": "string", "pattern": ORDER_ID_PATTERN},
    examples.ORDER_ID,
)
_KEY: Final = Parameter(
    "Idempotency-Key",
    "header",
    "Names one intent to buy. The same key and body are the same order, however often they are "
    "sent; without it, the same body within ten minutes is the same intent.",
    {"type": "string", "pattern": "^[A-Za-z0-9_:.-]{8,128}$"},
    examples.KEY,
)
_PAGES: Final = {"midtrans": examples.MIDTRANS_PAGE, "xendit": examples.XENDIT_PAGE}
_EVERYWHERE: Final = ("database_unavailable", "internal_error")
_BODY: Final = ("malformed_json", "validation_failed", "too_large")
_GATEWAY: Final = ("gateway_not_configured", "gateway_rejected", "gateway_unavailable")

OPERATIONS: Final = (
    Operation(
        "get",
        "/api/config",
        "getConfig",
        "shop",
        "Tell which gateways this shop offers",
        "With their public keys; no secret is among it.",
        (Outcome(200, "The shop.", ShopConfig, {"shop": examples.CONFIG}),),
        problems=("internal_error",),
    ),
    Operation(
        "get",
        "/api/products",
        "listProducts",
        "shop",
        "List what is on sale",
        "With prices and what can still be ordered.",
        (Outcome(200, "What is on sale.", ProductList, {"one": examples.PRODUCTS}),),
        problems=_EVERYWHERE,
    ),
    Operation(
        "post",
        "/api/payments/create-transaction",
        "createTransaction",
        "payment",
        "Place an order and open its payment page",
        "Prices and stock are those of the database. If the gateway fails, the order is kept and "
        "named: the same request under the same key goes on with it.",
        (Outcome(201, "The order and its open page.", CreatedTransaction, _PAGES),),
        problems=(
            *_BODY,
            "idempotency_key_invalid",
            "idempotency_key_reused",
            "idempotency_in_progress",
            "unknown_product",
            "out_of_stock",
            "price_changed",
            "order_not_payable",
            "rate_limited",
            *_GATEWAY,
            *_EVERYWHERE,
        ),
        parameters=(_KEY,),
        body=CreateTransaction,
        body_examples={"cart": examples.CHECKOUT},
    ),
    Operation(
        "get",
        "/api/orders/{order_id}",
        "getOrder",
        "order",
        "Tell an order's state to whoever holds its link",
        "Reads the database only, so it may be polled until `final`. Never cached.",
        (
            Outcome(
                200,
                "The order.",
                OrderOut,
                {"pending": examples.ORDER, "partly_refunded": examples.REFUNDED_ORDER},
            ),
        ),
        problems=("order_not_found", "rate_limited", *_EVERYWHERE),
        parameters=(_ORDER_ID,),
    ),
    Operation(
        "get",
        "/api/orders/{order_id}/page.svg",
        "drawPage",
        "order",
        "Draw the address of the order's open payment page",
        "A QR code, to go on on a telephone. Gateways do not tell what is in their own QR codes.",
        (Outcome(200, "The picture.", None, {}),),
        problems=("order_not_found", "order_not_payable", "rate_limited", *_EVERYWHERE),
        parameters=(_ORDER_ID,),
    ),
    Operation(
        "post",
        "/api/orders/{order_id}/retry",
        "retryPayment",
        "payment",
        "Pay again: on the page that is still open, else on a new one",
        "Repeating it is harmless by itself: an open page is given again.",
        (Outcome(201, "The order and its open page.", CreatedTransaction, _PAGES),),
        problems=(
            *_BODY,
            "order_not_found",
            "order_not_payable",
            "out_of_stock",
            "idempotency_in_progress",
            "rate_limited",
            *_GATEWAY,
            *_EVERYWHERE,
        ),
        parameters=(_ORDER_ID,),
        body=RetryPayment,
        body_examples={"elsewhere": examples.RETRY},
    ),
    Operation(
        "get",
        "/healthz",
        "getHealth",
        "operation",
        "Tell that this process answers",
        "It asks nobody else: a process is replaced when it is dead, not when its database is.",
        (Outcome(200, "It does.", Health, {"ok": examples.HEALTH}),),
    ),
    Operation(
        "get",
        "/readyz",
        "getReadiness",
        "operation",
        "Tell whether this process may be given requests",
        "For load balancers: its database answers and has every migration.",
        (
            Outcome(200, "It may.", ReadinessOut, {"ready": examples.READINESS}),
            Outcome(
                503,
                "It may not, and why.",
                ReadinessOut,
                {"down": {"status": "database_unavailable"}},
                headers=("Retry-After",),
            ),
        ),
    ),
)


def _notification(path: str, name: str, summary: str, *parameters: Parameter) -> Operation:
    stored = {"stored": examples.ACKNOWLEDGEMENT}
    refusals = {
        400: ("Not a notification.", "malformed"),
        401: ("The signature or token is absent or wrong.", "bad_signature"),
        404: ("This shop has no such gateway.", "gateway_not_configured"),
        413: ("Larger than 64 kB.", "too_large"),
        503: ("It could not be stored; deliver it again.", "not_stored"),
    }
    return Operation(
        "post",
        path,
        name,
        "notifications",
        summary,
        "For the gateways only. Answered 200 once it is stored, also when it is a duplicate, late "
        "or about an order that nobody knows. It never redirects.",
        (
            Outcome(200, "It is stored.", Acknowledgement, stored),
            *(
                Outcome(
                    status,
                    meaning,
                    Acknowledgement,
                    {code: {"result": code, "detail": meaning}},
                    headers=("Retry-After",) if status == 503 else (),  # noqa: PLR2004 - HTTP.
                )
                for status, (meaning, code) in refusals.items()
            ),
        ),
        parameters=parameters,
        body_examples={"midtrans": examples.NOTIFICATION},
    )


NOTIFICATIONS: Final = (
    _notification(
        "/api/payments/notification",
        "receiveNotification",
        "Take a gateway's notification and recognise the gateway",
    ),
    _notification(
        "/api/payments/notification/{gateway}",
        "receiveNotificationOf",
        "Take a notification of the named gateway",
        Parameter(
            "gateway",
            "path",
            "The gateway.",
            {"type": "string", "enum": ["midtrans", "xendit"]},
            "midtrans",
        ),
    ),
)
