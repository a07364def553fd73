import type { CreatedTransaction, Order, Product, Refund, ShopConfig } from "@/shared/api/contract";

/** A shop with both gateways; the script's address differs per use, as a loaded script is remembered. */
export function exampleConfig(scriptUrl = "https://snap.test/snap.js"): ShopConfig {
  return {
    shop_name: "Toko Lunas",
    demo: true,
    gateways: [{ id: "midtrans", client_key: "client-1", snap_js_url: scriptUrl }, { id: "xendit" }],
  };
}

/** A product that can be bought. */
export function exampleProduct(changes: Partial<Product> = {}): Product {
  return {
    sku: "KOPI",
    name: { id: "Kopi Gayo", en: "Gayo Coffee" },
    description: { id: "Biji utuh.", en: "Whole beans." },
    price_idr: 98_000,
    available: 5,
    image_url: "/products/kopi-gayo.svg",
    ...changes,
  };
}

/** A pending order with an open Snap session, due in a day. */
export function exampleOrder(changes: Partial<Order> = {}): Order {
  return {
    order_id: "order-1",
    order_number: "LN-7K3QW9ZD4M",
    status: "pending",
    reason: { code: "awaiting_payment", id: "Menunggu pembeli.", en: "Waiting for the buyer." },
    total_idr: 196_000,
    created_at: "2026-11-23T05:00:00+00:00",
    expires_at: new Date(Date.now() + 24 * 3_600_000).toISOString(),
    paid_at: null,
    items: [
      {
        sku: "KOPI",
        name: { id: "Kopi Gayo", en: "Gayo Coffee" },
        quantity: 2,
        unit_price_idr: 98_000,
        line_total_idr: 196_000,
        image_url: "/products/kopi-gayo.svg",
      },
    ],
    customer_name: "Sari Wulandari",
    customer_email_masked: "s•••@contoh.id",
    customer_phone_masked: "+62•••7890",
    payment: {
      gateway: "midtrans",
      method: null,
      method_label: null,
      instructions: null,
      last_outcome: null,
      qr_url: "/api/orders/order-1/page.svg",
      continue: { transaction_token: "token-1", redirect_url: "https://snap.test/page", client_key: "client-1" },
      can_retry: false,
    },
    confirming: false,
    refunded_idr: 0,
    refunds: [],
    refund_pending_idr: 0,
    final: false,
    ...changes,
  };
}

/** A refund to GoPay that has arrived. */
export function exampleRefund(changes: Partial<Refund> = {}): Refund {
  return {
    number: 1,
    amount_idr: 50_000,
    step: "succeeded",
    method_label: "GoPay",
    least_days: 0,
    most_days: 1,
    requested_at: "2026-11-24T02:00:00+00:00",
    sent_at: "2026-11-24T02:00:01+00:00",
    finished_at: "2026-11-24T02:00:04+00:00",
    ...changes,
  };
}

/** An open invoice at Xendit, whose address leads nowhere: jsdom cannot leave the page. */
export function exampleInvoice(): CreatedTransaction {
  return {
    order_id: "order-1",
    order_number: "LN-7K3QW9ZD4M",
    gateway: "xendit",
    expires_at: "2026-11-24T05:00:00Z",
    invoice_url: "#invoice",
  };
}
