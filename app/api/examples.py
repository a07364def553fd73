"""Examples of the API document: complete, so that tests of the storefront can live on them."""

from typing import Final

ORDER_ID: Final = "tYw2mJ8qRk0sX4vB7nLcD1fG"
KEY: Final = "6f1c2f0e-5d0a-4f7e-9a54-0c7b9b0f2a11"
SKU: Final = "KOPI-GAYO-250"
PRICE_IDR: Final = 98_000
NUMBER: Final = "LN-7K3QW9ZD4M"
CLIENT_KEY: Final = "SB-Mid-client-lunas-demo"
_SNAP: Final = "https://app.sandbox.midtrans.com/snap"
_PAGE: Final = "2b6b2a1c-9d1e-4f0b-8a55-1f0e5a3c7d21"
_DOOR: Final = {
    "transaction_token": _PAGE,
    "redirect_url": f"{_SNAP}/v2/vtweb/{_PAGE}",
    "client_key": CLIENT_KEY,
}
_NAME: Final = {"id": "Kopi Gayo 250 g", "en": "Gayo coffee 250 g"}
_PLACED: Final = "2026-11-23T05:00:00Z"
_EXPIRES: Final = "2026-11-24T05:00:00Z"

CONFIG: Final = {
    "shop_name": "Toko Lunas",
    "gateways": [
        {"id": "midtrans", "client_key": CLIENT_KEY, "snap_js_url": f"{_SNAP}/snap.js"},
        {"id": "xendit"},
    ],
    "demo": True,
}
PRODUCTS: Final = {
    "products": [
        {
            "sku": SKU,
            "name": _NAME,
            "description": {"id": "Biji utuh, sangrai sedang.", "en": "Whole beans, medium roast."},
            "price_idr": PRICE_IDR,
            "available": 12,
            "image_url": "/products/kopi-gayo.svg",
        }
    ]
}
CHECKOUT: Final = {
    "gateway": "midtrans",
    "items": [{"sku": SKU, "quantity": 2, "expected_price_idr": PRICE_IDR}],
    "customer": {
        "name": "Sari Wulandari",
        "email": "sari@contoh.id",
        "phone": "0812-3456-7890",
    },
    "locale": "id",
}
MIDTRANS_PAGE: Final = {
    "order_id": ORDER_ID,
    "order_number": NUMBER,
    "gateway": "midtrans",
    "expires_at": _EXPIRES,
    **_DOOR,
}
XENDIT_PAGE: Final = {
    "order_id": ORDER_ID,
    "order_number": NUMBER,
    "gateway": "xendit",
    "expires_at": _EXPIRES,
    "invoice_url": "https://checkout.xendit.co/web/6560f0a1b2c3d4e5f6a7b8c9",
}
RETRY: Final = {"gateway": "xendit"}
ORDER: Final = {
    "order_id": ORDER_ID,
    "order_number": NUMBER,
    "status": "pending",
    "reason": {
        "code": "awaiting_payment",
        "id": "Menunggu pembayaran.",
        "en": "Waiting for the payment.",
    },
    "total_idr": 196_000,
    "created_at": _PLACED,
    "expires_at": _EXPIRES,
    "paid_at": None,
    "items": [
        {
            "sku": SKU,
            "name": _NAME,
            "quantity": 2,
            "unit_price_idr": PRICE_IDR,
            "line_total_idr": 196_000,
            "image_url": "/products/kopi-gayo.svg",
        }
    ],
    "customer_name": "Sari Wulandari",
    "customer_email_masked": "s•••@contoh.id",
    "customer_phone_masked": "+62•••7890",
    "payment": {
        "gateway": "midtrans",
        "method": "bca_va",
        "method_label": "BCA Virtual Account",
        "instructions": {
            "kind": "va",
            "label": "BCA Virtual Account",
            "number": "80777012345678",
            "company_code": None,
        },
        "last_outcome": None,
        "continue": _DOOR,
        "qr_url": f"/api/orders/{ORDER_ID}/page.svg",
        "can_retry": True,
    },
    "confirming": False,
    "refunded_idr": 0,
    "refunds": [],
    "refund_pending_idr": 0,
    "final": False,
}
_REFUND: Final = {
    "number": 1,
    "amount_idr": PRICE_IDR,
    "step": "succeeded",
    "method_label": "GoPay",
    "least_days": 0,
    "most_days": 1,
    "requested_at": "2026-11-24T02:00:00Z",
    "sent_at": "2026-11-24T02:00:01Z",
    "finished_at": "2026-11-24T02:00:04Z",
}
REFUNDED_ORDER: Final = {
    **ORDER,
    "status": "partially_refunded",
    "reason": {
        "code": "refund_succeeded",
        "id": "Pengembalian dana berhasil.",
        "en": "The refund succeeded.",
    },
    "paid_at": "2026-11-23T05:01:00Z",
    "payment": {
        "gateway": "midtrans",
        "method": "gopay",
        "method_label": "GoPay",
        "instructions": None,
        "last_outcome": None,
        "continue": None,
        "qr_url": None,
        "can_retry": False,
    },
    "refunded_idr": PRICE_IDR,
    "refunds": [_REFUND],
    "final": True,
}
HEALTH: Final = {"status": "ok"}
READINESS: Final = {"status": "ready"}
NOTIFICATION: Final = {
    "order_id": "LN-7K3QW9ZD4M-1",
    "transaction_status": "settlement",
    "status_code": "200",
    "gross_amount": "196000.00",
    "signature_key": "sha512 of order_id + status_code + gross_amount + server key",
}
ACKNOWLEDGEMENT: Final = {"result": "buyer_paid", "detail": "The buyer paid."}
