import { expect, test } from "vitest";

import { acceptPrices, changedPrices, noteSeenPrices } from "./seenPrices";

const KEY = "lunas.prices.v1";
const coffee = (priceIdr: number) => [{ sku: "KOPI", priceIdr }];

test("the first price counts, until the shopper agrees to another", () => {
  noteSeenPrices(coffee(98_000));
  noteSeenPrices(coffee(105_000));

  expect(changedPrices(coffee(105_000))).toEqual([{ sku: "KOPI", beforeIdr: 98_000, nowIdr: 105_000 }]);
  acceptPrices(coffee(105_000));
  expect(changedPrices(coffee(105_000))).toEqual([]);
});

test("a lower price is a change, too; the same price and an unseen product are none", () => {
  noteSeenPrices(coffee(98_000));

  expect(changedPrices(coffee(90_000))).toHaveLength(1);
  expect(changedPrices(coffee(98_000))).toEqual([]);
  expect(changedPrices([{ sku: "TEH", priceIdr: 1 }])).toEqual([]);
});

test("what left the cart is forgotten, and comes back at its new price", () => {
  noteSeenPrices(coffee(98_000));
  noteSeenPrices([]);
  noteSeenPrices(coffee(105_000));

  expect(changedPrices(coffee(105_000))).toEqual([]);
});

test.each(["{broken", "[]", '{"KOPI":"98000"}', "null"])("damaged storage %s knows no prices", (stored) => {
  window.localStorage.setItem(KEY, stored);

  expect(changedPrices(coffee(105_000))).toEqual([]);
});
