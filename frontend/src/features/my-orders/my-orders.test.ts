import { expect, test } from "vitest";

import { orderIdOf } from "./orderLink";
import { currentOrders, forgetOrder, rememberOrder } from "./orderMemory";

const SHOP = "https://toko.example";
const ID = "abcDEF0123456789_-abcDEF";

test.each([
  [ID, ID],
  [`  ${SHOP}/orders/${ID}\n`, ID],
  [`${SHOP}/orders/${ID}/`, ID],
  [`${SHOP}/orders/${ID}?order_id=x#y`, ID],
  [`https://toko.example.evil.example/orders/${ID}`, null],
  [`https://lain.example/orders/${ID}`, null],
  [`${SHOP}/produk/${ID}`, null],
  [`${SHOP}/orders/${ID}x`, null],
  [`${SHOP}/orders/${ID.slice(1)}`, null],
  [`${SHOP}/orders/../${ID}`, null],
  ["LN-7K3QW9ZD4M", null],
  ["", null],
])("the order of %j is %j", (pasted, id) => {
  expect(orderIdOf(pasted, SHOP)).toBe(id);
});

const order = (at: number) => ({ id: `id-${at}`, number: `LN-${at}`, orderedAt: new Date(at * 60_000).toISOString() });

test("orders are kept once each, newest first, and the oldest make room", () => {
  for (let at = 1; at <= 60; at += 1) rememberOrder(order(at));
  rememberOrder(order(30));

  expect(currentOrders()).toHaveLength(50);
  expect(currentOrders()[0]).toEqual(order(60));
  expect(currentOrders().at(-1)).toEqual(order(11));
  forgetOrder("id-60");
  expect(currentOrders()[0]).toEqual(order(59));
});

test("a damaged entry costs no other one", () => {
  const sound = order(1);
  const broken = [sound, null, { id: "x" }, { ...sound, id: "" }, { ...sound, orderedAt: "yesterday" }, 7];
  window.localStorage.setItem("lunas.my-orders.v1", JSON.stringify(broken));

  expect(currentOrders()).toEqual([sound]);
});
