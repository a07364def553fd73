import { beforeEach, expect, test, vi } from "vitest";

import type { CreatedTransaction } from "@/shared/api/contract";
import { fakeApi, json, lostConnection, problem } from "@/shared/testing/fakeApi";
import type { Answer } from "@/shared/testing/fakeApi";

import { continuePayment, handlePayment, retryPayment } from "./handlePayment";
import type { Purchase } from "./intent";
import type { Snap, SnapOptions } from "./snap";
import type { PaymentSurroundings } from "./surroundings";

const CREATE = "POST /api/payments/create-transaction";
const RETRY = "POST /api/orders/order-1/retry";

const purchase: Purchase = {
  gateway: "midtrans",
  items: [{ sku: "TEH", quantity: 1 }, { sku: "KOPI", quantity: 2 }],
  customer: { name: "Sari", email: "sari@contoh.id", phone: "+6281234567890" },
  locale: "id",
};
const viaXendit: Purchase = { ...purchase, gateway: "xendit" };

const midtransAnswer: CreatedTransaction = {
  order_id: "order-1",
  order_number: "LN-1",
  gateway: "midtrans",
  transaction_token: "token-1",
  redirect_url: "https://snap.test/page/token-1",
  client_key: "client-1",
  expires_at: "2026-11-24T05:00:00Z",
};
const xenditAnswer: CreatedTransaction = {
  order_id: "order-1",
  order_number: "LN-1",
  gateway: "xendit",
  invoice_url: "https://xendit.test/web/inv-1",
  expires_at: "2026-11-24T05:00:00Z",
};

let scripts = 0;
let happened: string[];
let options: SnapOptions | undefined;
let surroundings: PaymentSurroundings;
const cart = { isUnchanged: () => true, letGo: () => { happened.push("started"); } };

const popup: Snap = {
  pay(token, given) {
    happened.push(`popup ${token} ${given.language}`);
    options = given;
  },
};

beforeEach(() => {
  happened = [];
  options = undefined;
  // A loaded script is remembered for good, so each test has its own.
  scripts += 1;
  surroundings = {
    language: "id",
    snap: { scriptUrl: `https://snap.test/snap-${scripts}.js`, clientKey: "client-config" },
    showOrder: (orderId, returned) => {
      happened.push(`order ${orderId} ${returned ?? "-"}`);
      return Promise.resolve();
    },
    leaveFor: (address) => { happened.push(`leave ${address}`); },
  };
  delete window.snap;
});

/** Let snap.js arrive, or fail, as soon as the page asks for it. */
function scriptWill(outcome: "load" | "error", snap?: Snap) {
  const append = document.head.append.bind(document.head);
  return vi.spyOn(document.head, "append").mockImplementation((...nodes) => {
    append(...nodes);
    if (snap) window.snap = snap;
    queueMicrotask(() => (nodes[0] as HTMLScriptElement).dispatchEvent(new Event(outcome)));
  });
}

function loadedScripts() {
  return [...document.head.querySelectorAll<HTMLScriptElement>(`script[src$="snap-${scripts}.js"]`)];
}

/** Answer in turn; the last answer repeats. */
function inTurn(...answers: Answer[]): Answer {
  let turn = 0;
  return (request) => {
    const answer = answers[Math.min(turn, answers.length - 1)];
    turn += 1;
    if (!answer) throw new Error("no answer");
    return answer(request);
  };
}

test("Midtrans: the order's page is shown, then the pop-up opens over it, then the cart may go", async () => {
  const seen = fakeApi({ [CREATE]: () => json(midtransAnswer, 201) });
  scriptWill("load", popup);

  await handlePayment(purchase, surroundings, cart);

  expect(happened).toEqual(["order order-1 -", "popup token-1 id", "started"]);
  expect(loadedScripts()[0]?.getAttribute("data-client-key")).toBe("client-1");
  expect(seen[0]?.body).toEqual({
    ...purchase,
    items: [{ sku: "KOPI", quantity: 2 }, { sku: "TEH", quantity: 1 }],
  });
});

test.each([
  ["onSuccess", "success"],
  ["onPending", "pending"],
  ["onError", "error"],
  ["onClose", "closed"],
] as const)("the pop-up's %s leads to the order's page with a hint and nothing more", async (callback, said) => {
  fakeApi({ [CREATE]: () => json(midtransAnswer, 201) });
  scriptWill("load", popup);
  await handlePayment(purchase, surroundings, cart);
  happened = [];

  options?.[callback]();

  expect(happened).toEqual([`order order-1 ${said}`]);
});

test.each(["blocked", "empty"])("a %s snap.js falls back to Midtrans' own page, and may be loaded again later", async (how) => {
  fakeApi({ [CREATE]: () => json(midtransAnswer, 201) });
  const append = scriptWill(how === "blocked" ? "error" : "load");

  await handlePayment(purchase, surroundings, cart);

  expect(happened).toEqual(["order order-1 -", "leave https://snap.test/page/token-1", "started"]);
  expect(loadedScripts()).toEqual([]);

  append.mockRestore();
  scriptWill("load", popup);
  await continuePayment("order-1", midtransAnswer, surroundings);
  expect(happened.at(-1)).toBe("popup token-1 id");
});

test("a snap.js that never answers counts as blocked after ten seconds", async () => {
  vi.useFakeTimers();
  fakeApi({ [CREATE]: () => json(midtransAnswer, 201) });

  const paying = handlePayment(purchase, surroundings, cart);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(happened).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await paying;

  expect(happened).toContain("leave https://snap.test/page/token-1");
});

test("a pop-up that refuses to open falls back to Midtrans' own page", async () => {
  fakeApi({ [CREATE]: () => json(midtransAnswer, 201) });
  scriptWill("load", { pay() { throw new Error("already open"); } });

  await handlePayment(purchase, surroundings, cart);

  expect(happened).toEqual(["order order-1 -", "leave https://snap.test/page/token-1", "started"]);
});

test("Xendit: the browser goes to the invoice, with the order's page behind it", async () => {
  fakeApi({ [CREATE]: () => json(xenditAnswer, 201) });

  await handlePayment(viaXendit, surroundings, cart);

  expect(happened).toEqual(["order order-1 -", "leave https://xendit.test/web/inv-1", "started"]);
  expect(loadedScripts()).toEqual([]);
});

test("a double click sends one request and opens one page", async () => {
  const seen = fakeApi({ [CREATE]: () => json(xenditAnswer, 201) });

  await Promise.all([1, 2].map(() => handlePayment(viaXendit, surroundings, cart)));

  expect(seen).toHaveLength(1);
  expect(happened.filter((event) => event.startsWith("leave"))).toHaveLength(1);
});

test("gateway down: nothing starts, the cart stays, and the next click repeats key and body", async () => {
  const down = () => problem(503, "gateway_unavailable", { order_id: "order-1" });
  const seen = fakeApi({ [CREATE]: inTurn(down, () => json(xenditAnswer, 201)) });

  await expect(handlePayment(viaXendit, surroundings, cart)).rejects.toMatchObject({
    code: "gateway_unavailable",
    orderId: "order-1",
  });
  expect(happened).toEqual([]);
  await handlePayment({ ...viaXendit, locale: "en" }, surroundings, cart);

  expect(seen[1]).toEqual(seen[0]);
  expect(happened.at(-1)).toBe("started");
});

test("a lost answer is repeated under the same key, so that no second order can come of it", async () => {
  const seen = fakeApi({ [CREATE]: inTurn(lostConnection, () => json(xenditAnswer, 201)) });

  await expect(handlePayment(viaXendit, surroundings, cart)).rejects.toMatchObject({ code: "network_lost" });
  await handlePayment(viaXendit, surroundings, cart);

  expect(seen[1]).toEqual(seen[0]);
});

test("once the payment has started, the same cart is a new purchase", async () => {
  const seen = fakeApi({ [CREATE]: () => json(xenditAnswer, 201) });

  await handlePayment(viaXendit, surroundings, cart);
  await handlePayment(viaXendit, surroundings, cart);

  expect(seen[1]?.key).not.toBe(seen[0]?.key);
});

test("after out_of_stock no order exists, so that the next try has a new key", async () => {
  const seen = fakeApi({ [CREATE]: inTurn(() => problem(409, "out_of_stock"), () => json(xenditAnswer, 201)) });

  await expect(handlePayment(viaXendit, surroundings, cart)).rejects.toMatchObject({ code: "out_of_stock" });
  await handlePayment(viaXendit, surroundings, cart);

  expect(seen[1]?.key).not.toBe(seen[0]?.key);
});

test("a request still in progress is waited for under the same key", async () => {
  vi.useFakeTimers();
  const busy = () => problem(409, "idempotency_in_progress");
  const seen = fakeApi({ [CREATE]: inTurn(busy, busy, () => json(xenditAnswer, 201)) });

  const paying = handlePayment(viaXendit, surroundings, cart);
  await vi.advanceTimersByTimeAsync(3_000);
  await paying;

  expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  expect(seen).toHaveLength(3);
});

test("waiting for a request in progress ends after five tries and can be resumed", async () => {
  vi.useFakeTimers();
  const seen = fakeApi({ [CREATE]: () => problem(409, "idempotency_in_progress") });

  const failed = expect(handlePayment(viaXendit, surroundings, cart)).rejects.toMatchObject({
    code: "idempotency_in_progress",
  });
  await vi.advanceTimersByTimeAsync(60_000);
  await failed;

  expect(seen).toHaveLength(5);
});

test("another gateway after an outage retries the kept order instead of making a second one", async () => {
  const seen = fakeApi({
    [CREATE]: () => problem(503, "gateway_unavailable", { order_id: "order-1" }),
    [RETRY]: () => json(xenditAnswer, 201),
  });

  await expect(handlePayment(purchase, surroundings, cart)).rejects.toMatchObject({ orderId: "order-1" });
  await handlePayment(viaXendit, surroundings, cart);

  expect(seen.map(({ path }) => path.split("/").at(-1))).toEqual(["create-transaction", "retry"]);
  expect(seen[1]?.body).toEqual({ gateway: "xendit" });
  expect(happened.at(-2)).toBe("leave https://xendit.test/web/inv-1");
});

test("another gateway after a lost answer first learns which order there is, then retries that one", async () => {
  const seen = fakeApi({
    [CREATE]: inTurn(lostConnection, () => json(midtransAnswer, 201)),
    [RETRY]: () => json(xenditAnswer, 201),
  });

  await expect(handlePayment(purchase, surroundings, cart)).rejects.toMatchObject({ code: "network_lost" });
  await handlePayment(viaXendit, surroundings, cart);

  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toMatchObject({ path: "/api/orders/order-1/retry", body: { gateway: "xendit" } });
  expect(happened).toContain("leave https://xendit.test/web/inv-1");
});

test("a retry repeats its key after silence, and takes a new one after an answer", async () => {
  const seen = fakeApi({ [RETRY]: inTurn(lostConnection, () => json(xenditAnswer, 201)) });

  await expect(retryPayment("order-1", "xendit", surroundings)).rejects.toMatchObject({ code: "network_lost" });
  await retryPayment("order-1", "xendit", surroundings);
  await retryPayment("order-1", "xendit", surroundings);

  expect(seen[1]?.key).toBe(seen[0]?.key);
  expect(seen[2]?.key).not.toBe(seen[1]?.key);
});

test("a refused retry opens nothing and the next one asks anew", async () => {
  const seen = fakeApi({ [RETRY]: () => problem(409, "order_not_payable") });

  await expect(retryPayment("order-1", "midtrans", surroundings)).rejects.toMatchObject({ code: "order_not_payable" });
  await expect(retryPayment("order-1", "midtrans", surroundings)).rejects.toMatchObject({ code: "order_not_payable" });

  expect(seen[1]?.key).not.toBe(seen[0]?.key);
  expect(happened).toEqual([]);
});

test("continuing reopens the pop-up with the token the order already has", async () => {
  fakeApi({});
  scriptWill("load", popup);

  await continuePayment("order-1", { transaction_token: "token-1" }, { ...surroundings, language: "en" });

  expect(happened).toEqual(["order order-1 -", "popup token-1 en"]);
  expect(loadedScripts()[0]?.getAttribute("data-client-key")).toBe("client-config");
});

const elsewhere = { isUnchanged: () => false, letGo: () => { happened.push("started"); } };

test("a cart that another tab has just paid for leads to that tab's order, and orders nothing", async () => {
  const seen = fakeApi({ [CREATE]: () => json(midtransAnswer, 201) });
  scriptWill("load", popup);
  await handlePayment(purchase, surroundings, cart);
  happened = [];

  await handlePayment(purchase, surroundings, elsewhere);

  expect(happened).toEqual(["order order-1 -"]);
  expect(seen).toHaveLength(1);
});

test("a cart that was changed in another tab is neither ordered nor shown as another purchase", async () => {
  const seen = fakeApi({ [CREATE]: () => json(midtransAnswer, 201) });
  scriptWill("load", popup);
  await handlePayment(purchase, surroundings, cart);
  happened = [];

  await handlePayment({ ...purchase, items: [{ sku: "KOPI", quantity: 9 }] }, surroundings, elsewhere);

  expect(happened).toEqual([]);
  expect(seen).toHaveLength(1);
});

test("tabs take turns: the lock is named after the purchase and held until the payment page is open", async () => {
  fakeApi({ [CREATE]: () => json(midtransAnswer, 201) });
  scriptWill("load", popup);
  const request = vi.fn(async (_name: string, work: () => Promise<void>) => {
    happened.push("locked");
    await work();
    happened.push("free");
  });
  vi.stubGlobal("navigator", { locks: { request } });

  await handlePayment(purchase, surroundings, cart);

  expect(happened).toEqual(["locked", "order order-1 -", "popup token-1 id", "started", "free"]);
  expect(request.mock.calls[0]?.[0]).toMatch(/^lunas\.pay\.[0-9a-z]+$/);
});

test("a price that rose after a lost answer does not make the same key say something else", async () => {
  const seen = fakeApi({ [CREATE]: inTurn(lostConnection, () => json(midtransAnswer, 201)) });
  scriptWill("load", popup);
  const at = (price: number) => ({ ...purchase, items: [{ sku: "KOPI", quantity: 2, expected_price_idr: price }] });
  await expect(handlePayment(at(98_000), surroundings, cart)).rejects.toMatchObject({ code: "network_lost" });

  await handlePayment(at(105_000), surroundings, cart);

  expect(seen[1]).toEqual(seen[0]);
});

test("a refused price is asked for anew, under another key", async () => {
  const errors = [{ field: "items", code: "price_changed", message: "", sku: "KOPI", price_idr: 105_000 }];
  const seen = fakeApi({
    [CREATE]: inTurn(() => problem(409, "price_changed", { errors }), () => json(midtransAnswer, 201)),
  });
  scriptWill("load", popup);
  await expect(handlePayment(purchase, surroundings, cart)).rejects.toMatchObject({ code: "price_changed" });

  await handlePayment(purchase, surroundings, cart);

  expect(seen[1]?.key).not.toBe(seen[0]?.key);
});
