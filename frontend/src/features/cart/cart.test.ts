import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { exampleProduct } from "@/shared/testing/examples";

import { countPieces, parseCart, quantityOf, withQuantity } from "./cartLines";
import { clearCart, currentCart, setQuantity, useCart } from "./cartStore";
import { priceCart } from "./pricedCart";

const KEY = "lunas.cart.v1";

test("quantities are set, replaced, limited and taken out", () => {
  const two = withQuantity([], "A", 2);
  expect(two).toEqual([{ sku: "A", quantity: 2 }]);
  expect(withQuantity(two, "A", 5)).toEqual([{ sku: "A", quantity: 5 }]);
  expect(withQuantity(two, "A", 1000)).toEqual([{ sku: "A", quantity: 99 }]);
  expect(withQuantity(two, "A", 0)).toEqual([]);
  expect(countPieces(withQuantity(two, "B", 3))).toBe(5);
  expect(quantityOf(two, "B")).toBe(0);
});

test.each([
  ["null", null],
  ["an object", { sku: "A", quantity: 1 }],
  ["a text", "A"],
])("%s in storage is an empty cart", (_, stored) => {
  expect(parseCart(stored)).toEqual([]);
});

test("damaged lines are dropped, sound ones stay, doubled ones are joined", () => {
  const stored = [
    null,
    { sku: "", quantity: 1 },
    { sku: "A", quantity: 0 },
    { sku: "A", quantity: 1.5 },
    { sku: "A", quantity: "2" },
    { sku: 7, quantity: 1 },
    { sku: "B", quantity: 2, price: 1 },
    { sku: "B", quantity: 3 },
    { sku: "C", quantity: 500 },
  ];
  expect(parseCart(stored)).toEqual([{ sku: "B", quantity: 5 }, { sku: "C", quantity: 99 }]);
});

test("the cart survives a reload and a damaged storage", () => {
  setQuantity("A", 2);
  expect(window.localStorage.getItem(KEY)).toBe('[{"sku":"A","quantity":2}]');

  window.localStorage.setItem(KEY, "[{broken");
  expect(currentCart()).toEqual([]);
  setQuantity("B", 1);
  expect(currentCart()).toEqual([{ sku: "B", quantity: 1 }]);
});

test("a component follows changes here, in another tab, and the emptying", () => {
  const { result } = renderHook(useCart);
  act(() => { setQuantity("A", 1); });
  expect(result.current).toEqual([{ sku: "A", quantity: 1 }]);

  act(() => {
    window.localStorage.setItem(KEY, '[{"sku":"A","quantity":4}]');
    window.dispatchEvent(new StorageEvent("storage", { key: KEY }));
  });
  expect(result.current).toEqual([{ sku: "A", quantity: 4 }]);

  act(() => { clearCart(); });
  expect(result.current).toEqual([]);
});

test("a cart is priced with today's catalogue, and products that are gone are named", () => {
  const priced = priceCart(
    [{ sku: "KOPI", quantity: 2 }, { sku: "GONE", quantity: 1 }, { sku: "TEH", quantity: 1 }],
    [exampleProduct(), exampleProduct({ sku: "TEH", price_idr: 35_000 })],
  );

  expect(priced.lines.map(({ product, lineTotalIdr }) => [product.sku, lineTotalIdr])).toEqual([
    ["KOPI", 196_000],
    ["TEH", 35_000],
  ]);
  expect(priced.goneSkus).toEqual(["GONE"]);
  expect(priced.totalIdr).toBe(231_000);
});
