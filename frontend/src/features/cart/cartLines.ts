import { isRecord } from "@/shared/json/guards";

/** One product in the cart; the price is never kept, as only the shop may say it. */
export interface CartLine {
  readonly sku: string;
  readonly quantity: number;
}

export type Cart = readonly CartLine[];

/** More of one item is a typing error or a damaged storage, not a purchase. */
export const MAX_QUANTITY = 99;

/** Set how many of a product are in the cart; zero or less takes it out. */
export function withQuantity(cart: Cart, sku: string, quantity: number): Cart {
  if (quantity <= 0) return cart.filter((line) => line.sku !== sku);
  const changed = { sku, quantity: Math.min(quantity, MAX_QUANTITY) };
  if (!cart.some((line) => line.sku === sku)) return [...cart, changed];
  return cart.map((line) => (line.sku === sku ? changed : line));
}

/** How many of a product are in the cart. */
export function quantityOf(cart: Cart, sku: string): number {
  return cart.find((line) => line.sku === sku)?.quantity ?? 0;
}

/** How many pieces the cart holds altogether. */
export function countPieces(cart: Cart): number {
  return cart.reduce((sum, line) => sum + line.quantity, 0);
}

/** Read a stored cart, keeping what is sound: a damaged line must not cost the shopper the others. */
export function parseCart(stored: unknown): Cart {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap(parseLine).reduce<Cart>(
    (cart, line) => withQuantity(cart, line.sku, quantityOf(cart, line.sku) + line.quantity),
    [],
  );
}

function parseLine(value: unknown): CartLine[] {
  if (!isRecord(value)) return [];
  const { sku, quantity } = value;
  if (typeof sku !== "string" || sku === "") return [];
  if (typeof quantity !== "number" || !Number.isInteger(quantity) || quantity < 1) return [];
  return [{ sku, quantity }];
}
