import { useSyncExternalStore } from "react";

import { lasting, readStoredJson } from "@/shared/storage/browserStorage";
import { makeFollowers } from "@/shared/storage/followers";

import { parseCart, quantityOf, withQuantity } from "./cartLines";
import type { Cart, CartLine } from "./cartLines";

const STORAGE_KEY = "lunas.cart.v1";
const followers = makeFollowers();
let remembered: { text: string | null; cart: Cart } = { text: null, cart: [] };

/** The cart as stored now; the same object as long as nothing changed. */
export function currentCart(): Cart {
  const text = lasting.read(STORAGE_KEY);
  if (text !== remembered.text) remembered = { text, cart: parseCart(readStoredJson(lasting, STORAGE_KEY)) };
  return remembered.cart;
}

/** Set how many of a product the shopper wants; it outlives a reload and is seen in every tab. */
export function setQuantity(sku: string, quantity: number): void {
  const cart = withQuantity(currentCart(), sku, quantity);
  lasting.write(STORAGE_KEY, JSON.stringify(cart));
  followers.tell();
}

/** Take out what has become an order, and keep what was added since. */
export function takeOut(items: readonly CartLine[]): void {
  items.forEach(({ sku, quantity }) => { setQuantity(sku, quantityOf(currentCart(), sku) - quantity); });
}

/** Take everything out: the purchase has become an order. */
export function clearCart(): void {
  lasting.remove(STORAGE_KEY);
  followers.tell();
}

/** The cart; the component follows changes made here and in other tabs. */
export function useCart(): Cart {
  return useSyncExternalStore(followers.subscribe, currentCart);
}
