import { expect, test } from "vitest";

import type { Order, OrderStatus } from "@/shared/api/contract";
import { exampleOrder } from "@/shared/testing/examples";

import { hintFromQuery, hintFromState } from "./returnHint";
import { CONFIRMING_GRACE_MS, hintWorthTelling, mayContinue, situationOf } from "./situation";
import type { Situation } from "./situation";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const EXPIRES = "2026-11-23T06:00:00Z";
const SUCCESS = { said: "success", atMs: NOW } as const;
const instructions = { kind: "va", label: "BCA", number: "123", company_code: null } as const;

function pending(changes: Partial<Order> = {}, payment: Partial<Order["payment"]> = {}): Order {
  const order = exampleOrder({ expires_at: EXPIRES, ...changes });
  return { ...order, payment: { ...order.payment, ...payment } };
}

test.each<[Situation, Order]>([
  ["unpaid", pending()],
  ["waiting", pending({}, { instructions })],
  ["declined", pending({}, { last_outcome: "denied" })],
  ["confirming", pending({ confirming: true }, { last_outcome: "denied" })],
])("pending is told as %s by what our API adds to it", (situation, order) => {
  expect(situationOf(order, null, NOW)).toBe(situation);
});

const settled: OrderStatus[] = [
  "in_review", "paid", "partially_refunded", "refunded", "failed", "expired", "cancelled", "charged_back",
];

test.each(settled)("%s is told as it is, whatever the pop-up said", (status) => {
  expect(situationOf(exampleOrder({ status }), SUCCESS, NOW)).toBe(status);
});

test("the pop-up's success means confirming, never paid, and only for two minutes", () => {
  expect(situationOf(pending(), SUCCESS, NOW)).toBe("confirming");
  expect(situationOf(pending(), SUCCESS, NOW + CONFIRMING_GRACE_MS - 1)).toBe("confirming");
  expect(situationOf(pending(), SUCCESS, NOW + CONFIRMING_GRACE_MS)).toBe("unpaid");
});

test.each(["pending", "error", "closed"] as const)("the pop-up's %s changes nothing", (said) => {
  expect(situationOf(pending(), { said, atMs: NOW }, NOW)).toBe("unpaid");
});

test.each(["pending", "error", "closed"] as const)("the pop-up's %s is told for two minutes, and only while nothing better is known", (said) => {
  const hint = { said, atMs: NOW };
  expect(hintWorthTelling("unpaid", hint, NOW)).toBe(said);
  expect(hintWorthTelling("unpaid", hint, NOW + CONFIRMING_GRACE_MS)).toBeNull();
  expect(hintWorthTelling("waiting", hint, NOW)).toBeNull();
  expect(hintWorthTelling("paid", hint, NOW)).toBeNull();
});

test("success is never told on the pop-up's word", () => {
  expect(hintWorthTelling("unpaid", SUCCESS, NOW)).toBeNull();
  expect(hintWorthTelling("unpaid", null, NOW)).toBeNull();
});

test("past the deadline nobody is asked to pay any more", () => {
  const late = situationOf(pending({}, { instructions }), null, Date.parse(EXPIRES));

  expect(late).toBe("time_up");
  expect(mayContinue(late)).toBe(false);
});

test("a hint is read from the history entry only when it is sound", () => {
  expect(hintFromState({ said: "closed", atMs: 5 })).toEqual({ said: "closed", atMs: 5 });
  expect([null, "success", { said: "paid", atMs: 5 }, { said: "success" }].map(hintFromState)).toEqual([
    null, null, null, null,
  ]);
});

test.each([
  ["transaction_status=settlement&status_code=200", true],
  ["transaction_status=capture", true],
  ["returned=success", true],
  ["transaction_status=pending", false],
  ["status=paid", false],
  ["order_id=1", false],
])("an address with %s hints at success: %s", (query, hints) => {
  expect(hintFromQuery(new URLSearchParams(query), 7)).toEqual(hints ? { said: "success", atMs: 7 } : null);
});
