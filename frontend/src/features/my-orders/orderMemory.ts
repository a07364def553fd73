import { useSyncExternalStore } from "react";

import { isRecord } from "@/shared/json/guards";
import { lasting, readStoredJson } from "@/shared/storage/browserStorage";
import { makeFollowers } from "@/shared/storage/followers";

/** An order that this browser has shown: its link and its number, and nothing that could grow old or tell on anybody. */
export interface RememberedOrder {
  readonly id: string;
  readonly number: string;
  /** When it was placed, as the API wrote it. */
  readonly orderedAt: string;
}

const STORAGE_KEY = "lunas.my-orders.v1";
/** More than anybody follows at once; the oldest make room. */
const MOST = 50;
const followers = makeFollowers();
let remembered: { text: string | null; orders: readonly RememberedOrder[] } = { text: null, orders: [] };

/** The orders of this device, newest first; the same object as long as nothing changed. */
export function currentOrders(): readonly RememberedOrder[] {
  const text = lasting.read(STORAGE_KEY);
  if (text !== remembered.text) remembered = { text, orders: parseOrders(readStoredJson(lasting, STORAGE_KEY)) };
  return remembered.orders;
}

/** Keep the link of an order that was shown; showing it again changes nothing. */
export function rememberOrder(order: RememberedOrder): void {
  if (currentOrders().some(({ id }) => id === order.id)) return;
  const orders = [...currentOrders(), order].sort((one, other) => other.orderedAt.localeCompare(one.orderedAt));
  store(orders.slice(0, MOST));
}

/** Take an order off the list; the order itself knows nothing of it. */
export function forgetOrder(id: string): void {
  store(currentOrders().filter((order) => order.id !== id));
}

/** The orders of this device; the component follows changes made here and in other tabs. */
export function useRememberedOrders(): readonly RememberedOrder[] {
  return useSyncExternalStore(followers.subscribe, currentOrders);
}

function store(orders: readonly RememberedOrder[]): void {
  if (orders.length === 0) lasting.remove(STORAGE_KEY);
  else lasting.write(STORAGE_KEY, JSON.stringify(orders));
  followers.tell();
}

function parseOrders(stored: unknown): RememberedOrder[] {
  return Array.isArray(stored) ? stored.flatMap(parseOrder) : [];
}

function parseOrder(value: unknown): RememberedOrder[] {
  if (!isRecord(value)) return [];
  const { id, number, orderedAt } = value;
  if (typeof id !== "string" || typeof number !== "string" || typeof orderedAt !== "string") return [];
  return id === "" || Number.isNaN(Date.parse(orderedAt)) ? [] : [{ id, number, orderedAt }];
}
