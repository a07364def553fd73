import { expect, test } from "vitest";

import { exampleProduct } from "@/shared/testing/examples";

import { relatedProducts } from "./relatedProducts";
import { readSearch, searchProducts, writeSearch } from "./searchProducts";

const SAMBAL = exampleProduct({
  sku: "SAMBAL-ROA-200",
  name: { id: "Sambal Roa", en: "Roa Sambal" },
  description: { id: "Cabai rawit.", en: "Bird’s-eye chillies, crème." },
  price_idr: 42_000,
});
const goods = [exampleProduct(), SAMBAL];
const find = (words: string) => searchProducts(goods, { words, order: "shop", onlyAvailable: false }).map(({ sku }) => sku);

test.each([
  ["", ["KOPI", "SAMBAL-ROA-200"]],
  ["  ", ["KOPI", "SAMBAL-ROA-200"]],
  ["cabai", ["SAMBAL-ROA-200"]],
  ["CHILLIES", ["SAMBAL-ROA-200"]],
  ["bird's eye", ["SAMBAL-ROA-200"]],
  ["creme", ["SAMBAL-ROA-200"]],
  ["roa 200", ["SAMBAL-ROA-200"]],
  ["kopi gayo", ["KOPI"]],
  ["kopi roa", []],
])("%j finds %j, whatever the language, case and accents", (words, found) => {
  expect(find(words)).toEqual(found);
});

test("the list that is searched stays in its order", () => {
  searchProducts(goods, { words: "", order: "cheap", onlyAvailable: false });

  expect(goods.map(({ sku }) => sku)).toEqual(["KOPI", "SAMBAL-ROA-200"]);
});

test.each(["", "q=kopi", "sort=cheap", "q=a+b&sort=dear&stock=1"])("%j survives being read and written", (address) => {
  expect(writeSearch(readSearch(new URLSearchParams(address))).toString()).toBe(address);
});

test("an address that makes no sense asks for nothing", () => {
  expect(readSearch(new URLSearchParams("sort=;drop&stock=yes"))).toEqual({ words: "", order: "shop", onlyAvailable: false });
});

test("related are the nearest that can be bought, never the product itself", () => {
  const row = ["A", "B", "C", "D", "E"].map((sku) => exampleProduct({ sku, available: sku === "B" ? 0 : 1 }));

  expect(relatedProducts(row, "C", 3).map(({ sku }) => sku)).toEqual(["D", "A", "E"]);
  expect(relatedProducts(row, "A", 1).map(({ sku }) => sku)).toEqual(["C"]);
});
