import type { CreateTransactionRequest, GatewayId, OrderedItem } from "@/shared/api/contract";
import { isRecord } from "@/shared/json/guards";
import { lasting, readStoredJson } from "@/shared/storage/browserStorage";

/** What the shopper wants to buy, and how. */
export type Purchase = CreateTransactionRequest;

/**
 * One decision to buy. Its key makes the server recognise every repetition, and it keeps what the first
 * request said (prices seen, gateway, locale), because the same key with another body is refused.
 */
export interface Intent {
  readonly key: string;
  readonly fingerprint: string;
  readonly items: readonly OrderedItem[];
  readonly gateway: GatewayId;
  readonly locale: "id" | "en";
  /** The order that the server kept, once we know it. */
  readonly orderId: string | null;
  readonly madeAtMs: number;
}

const STORAGE_KEY = "lunas.intents.v1";
const FINISHED_KEY = "lunas.finished.v1";

/** Payment pages close after a day; the same cart later than that is a new purchase. */
const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** How long another tab may have waited with the same purchase. */
const FINISHED_MS = 60 * 60 * 1000;

/** Identify cart and customer. A hash, so that no personal data stays in the browser's storage. */
export function fingerprintOf(purchase: Purchase): string {
  const items = sortedItems(purchase).map(({ sku, quantity }) => [sku, quantity]);
  const { name, email, phone } = purchase.customer;
  return hash53(JSON.stringify([items, name, email, phone]));
}

/** The items in an order that does not depend on how they were put into the cart. */
function sortedItems(purchase: Purchase) {
  return [...purchase.items].sort((a, b) => (a.sku < b.sku ? -1 : 1));
}

/** Find the intent for this purchase or make one, and store it before anything is sent. */
export function openIntent(purchase: Purchase, nowMs: number): Intent {
  const fingerprint = fingerprintOf(purchase);
  const live = liveIntents(nowMs);
  const known = live.find((intent) => intent.fingerprint === fingerprint);
  if (known) return known;
  const { gateway, locale } = purchase;
  const items = sortedItems(purchase);
  const made = { key: newKey(), fingerprint, items, gateway, locale, orderId: null, madeAtMs: nowMs };
  keep([...live, made]);
  return made;
}

/** Note which order the server kept for an intent, although its payment could not start. */
export function rememberOrder(intent: Intent, orderId: string): void {
  const others = storedIntents().filter(({ key }) => key !== intent.key);
  keep([...others, { ...intent, orderId }]);
}

/** Drop an intent: its payment has started, or the server said that no order came of it. */
export function forgetIntent(intent: Intent): void {
  keep(storedIntents().filter(({ key }) => key !== intent.key));
}

/** Note the order of an intent that has done its work, and drop the intent. */
export function finishIntent(intent: Intent, orderId: string, nowMs: number): void {
  forgetIntent(intent);
  lasting.write(FINISHED_KEY, JSON.stringify({ fingerprint: intent.fingerprint, orderId, atMs: nowMs }));
}

/** The order that another tab has just made of the same purchase; null when there is none. */
export function finishedOrderId(fingerprint: string, nowMs: number): string | null {
  const last = readStoredJson(lasting, FINISHED_KEY);
  if (!isRecord(last) || last["fingerprint"] !== fingerprint || typeof last["atMs"] !== "number") return null;
  const orderId = last["orderId"];
  return typeof orderId === "string" && nowMs - last["atMs"] < FINISHED_MS ? orderId : null;
}

/** True while an order may hold goods of the cart already: they then look sold out to everybody, us included. */
export function mayHoldGoods(nowMs: number): boolean {
  return liveIntents(nowMs).length > 0;
}

/** The newest order that the server kept although its payment did not start; null when there is none. */
export function keptOrderId(nowMs: number): string | null {
  return liveIntents(nowMs).filter((intent) => intent.orderId !== null).at(-1)?.orderId ?? null;
}

/** The payment of a kept order has started after all: drop its intent and give what it was for. */
export function settleKeptOrder(orderId: string): readonly OrderedItem[] {
  const intent = storedIntents().find((kept) => kept.orderId === orderId);
  if (!intent) return [];
  forgetIntent(intent);
  return intent.items;
}

/** A random UUID (version 4). `crypto.randomUUID` is missing on pages served without TLS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function keep(intents: readonly Intent[]): void {
  if (intents.length === 0) lasting.remove(STORAGE_KEY);
  else lasting.write(STORAGE_KEY, JSON.stringify(intents));
}

function liveIntents(nowMs: number): Intent[] {
  return storedIntents().filter((intent) => nowMs - intent.madeAtMs < LIFETIME_MS);
}

function storedIntents(): Intent[] {
  const stored = readStoredJson(lasting, STORAGE_KEY);
  return Array.isArray(stored) ? stored.filter(isIntent) : [];
}

function isIntent(value: unknown): value is Intent {
  if (!isRecord(value)) return false;
  const { key, fingerprint, items, gateway, locale, orderId, madeAtMs } = value;
  const texts = [key, fingerprint, orderId ?? ""].every((text) => typeof text === "string");
  const known = ["midtrans", "xendit"].includes(String(gateway)) && ["id", "en"].includes(String(locale));
  return texts && known && typeof madeAtMs === "number" && Array.isArray(items) && items.every(isItem);
}

function isItem(value: unknown): value is OrderedItem {
  return isRecord(value) && typeof value["sku"] === "string" && typeof value["quantity"] === "number";
}

/** A 53-bit hash (cyrb53). It needs no secrecy, only that two carts of one shopper never share it. */
function hash53(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
