import { expect, test, vi } from "vitest";

import { forgetIntent, newKey, openIntent, rememberOrder } from "./intent";
import type { Purchase } from "./intent";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOON = Date.parse("2026-11-23T05:00:00Z");
const DAY_MS = 86_400_000;

const purchase: Purchase = {
  gateway: "midtrans",
  items: [{ sku: "KOPI", quantity: 2 }, { sku: "TEH", quantity: 1 }],
  customer: { name: "Sari", email: "sari@contoh.id", phone: "+6281234567890" },
  locale: "id",
};

test("keys are random UUIDs, also where crypto.randomUUID is missing", () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });

  const keys = Array.from({ length: 50 }, newKey);

  expect(keys.every((key) => UUID.test(key))).toBe(true);
  expect(new Set(keys).size).toBe(50);
});

test("the key is in storage before anything could be sent, without personal data", () => {
  const { key } = openIntent(purchase, NOON);

  const stored = window.localStorage.getItem("lunas.intents.v1") ?? "";
  expect(stored).toContain(key);
  expect(stored).not.toMatch(/sari|8123/i);
});

test("the same cart and customer keep their key, in whatever order the items came", () => {
  const first = openIntent(purchase, NOON);
  const again = openIntent({ ...purchase, items: [...purchase.items].reverse() }, NOON + 1000);

  expect(again).toEqual(first);
});

test("gateway and language belong to how, not what: they keep the key and the first request's words", () => {
  const first = openIntent(purchase, NOON);

  expect(openIntent({ ...purchase, gateway: "xendit", locale: "en" }, NOON)).toEqual(first);
});

test.each<[string, Purchase]>([
  ["another quantity", { ...purchase, items: [{ sku: "KOPI", quantity: 3 }, { sku: "TEH", quantity: 1 }] }],
  ["another item", { ...purchase, items: [{ sku: "KOPI", quantity: 2 }] }],
  ["another e-mail", { ...purchase, customer: { ...purchase.customer, email: "budi@contoh.id" } }],
  ["another phone", { ...purchase, customer: { ...purchase.customer, phone: "+6281234567891" } }],
])("%s makes a new key, and the old cart gets its old key back", (_, changed) => {
  const first = openIntent(purchase, NOON);

  expect(openIntent(changed, NOON).key).not.toBe(first.key);
  expect(openIntent(purchase, NOON).key).toBe(first.key);
});

test("a kept order is remembered; a forgotten intent is a new purchase next time", () => {
  const first = openIntent(purchase, NOON);
  rememberOrder(first, "order-1");
  expect(openIntent(purchase, NOON)).toEqual({ ...first, orderId: "order-1" });

  forgetIntent(first);
  expect(openIntent(purchase, NOON).key).not.toBe(first.key);
});

test("after a day the same cart is a new purchase", () => {
  const first = openIntent(purchase, NOON);

  expect(openIntent(purchase, NOON + DAY_MS - 1).key).toBe(first.key);
  expect(openIntent(purchase, NOON + DAY_MS).key).not.toBe(first.key);
});

test.each(["{broken", '{"key":"x"}', '[{"key":"x","items":[{}]},null]'])("damaged storage %s starts afresh", (stored) => {
  window.localStorage.setItem("lunas.intents.v1", stored);

  expect(openIntent(purchase, NOON).key).toMatch(UUID);
});
