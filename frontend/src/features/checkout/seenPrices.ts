import { isRecord } from "@/shared/json/guards";
import { lasting, readStoredJson } from "@/shared/storage/browserStorage";

const STORAGE_KEY = "lunas.prices.v1";

/** What one piece of a product costs, in rupiah. */
export interface PiecePrice {
  readonly sku: string;
  readonly priceIdr: number;
}

export interface PriceChange {
  readonly sku: string;
  readonly beforeIdr: number;
  readonly nowIdr: number;
}

/** Keep the price at which each product of the cart was first seen in it; products that left are forgotten. */
export function noteSeenPrices(inCart: readonly PiecePrice[]): void {
  const known = seenPrices();
  keep(inCart.map(({ sku, priceIdr }) => ({ sku, priceIdr: known.get(sku) ?? priceIdr })));
}

/** The shopper has agreed to pay these prices. */
export function acceptPrices(inCart: readonly PiecePrice[]): void {
  keep(inCart);
}

/** List what costs more or less than when the shopper chose it. */
export function changedPrices(inCart: readonly PiecePrice[]): PriceChange[] {
  const known = seenPrices();
  return inCart.flatMap(({ sku, priceIdr }) => {
    const before = known.get(sku);
    return before === undefined || before === priceIdr ? [] : [{ sku, beforeIdr: before, nowIdr: priceIdr }];
  });
}

function keep(prices: readonly PiecePrice[]): void {
  const text = JSON.stringify(Object.fromEntries(prices.map(({ sku, priceIdr }) => [sku, priceIdr])));
  // Most calls bring nothing new, and each write wakes the other tabs.
  if (text !== lasting.read(STORAGE_KEY)) lasting.write(STORAGE_KEY, text);
}

function seenPrices(): Map<string, number> {
  const stored = readStoredJson(lasting, STORAGE_KEY);
  const entries = isRecord(stored) ? Object.entries(stored) : [];
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}
