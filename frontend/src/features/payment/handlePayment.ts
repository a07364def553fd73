import type { CreatedTransaction, GatewayId, PaymentDoor } from "@/shared/api/contract";
import { asProblem } from "@/shared/api/problem";

import { createTransaction, requestRetry, saysNoOrder, saysRefused } from "./api";
import { fingerprintOf, finishedOrderId, finishIntent, forgetIntent, openIntent, rememberOrder } from "./intent";
import type { Intent, Purchase } from "./intent";
import { openPaymentPage } from "./openPaymentPage";
import { forgetRetryKey, retryKeyFor } from "./retryKey";
import type { PaymentSurroundings } from "./surroundings";
import { aloneAmongTabs } from "./tabLock";

/** The cart that is being paid for, as stored now. */
export interface CartInHand {
  /** False once another tab has made an order of it, or changed it. */
  readonly isUnchanged: () => boolean;
  /** The order exists and its payment page was opened; until then the cart must be kept. */
  readonly letGo: () => void;
}

const running = new Map<string, Promise<void>>();

/**
 * Turn a cart into an order and open its payment: Midtrans' pop-up or Xendit's page.
 *
 * However often it is called for one purchase (double click, reload, lost answer, second tab), one order comes
 * of it. Throws ApiProblem; calling again continues the same order.
 */
export function handlePayment(purchase: Purchase, surroundings: PaymentSurroundings, cart: CartInHand): Promise<void> {
  const fingerprint = fingerprintOf(purchase);
  return once(fingerprint, () =>
    aloneAmongTabs(`lunas.pay.${fingerprint}`, () =>
      cart.isUnchanged() ? payFor(purchase, surroundings, cart) : joinOtherTab(fingerprint, surroundings),
    ),
  );
}

async function payFor(purchase: Purchase, surroundings: PaymentSurroundings, cart: CartInHand): Promise<void> {
  const intent = openIntent(purchase, Date.now());
  const created = await obtainTransaction(purchase, intent);
  await openPaymentPage(created.order_id, created, surroundings);
  finishIntent(intent, created.order_id, Date.now());
  cart.letGo();
}

/** Show what another tab has ordered while this one waited; its payment page is open there already. */
async function joinOtherTab(fingerprint: string, surroundings: PaymentSurroundings): Promise<void> {
  const orderId = finishedOrderId(fingerprint, Date.now());
  if (orderId !== null) await surroundings.showOrder(orderId, null);
}

/** Pay an order again after a failed try, at the gateway the shopper chose. Throws ApiProblem. */
export function retryPayment(orderId: string, gateway: GatewayId, surroundings: PaymentSurroundings): Promise<void> {
  return once(orderId, async () => {
    const created = await retryAt(orderId, gateway);
    await openPaymentPage(orderId, created, surroundings);
  });
}

/** Reopen the payment page that an order already has. */
export function continuePayment(orderId: string, door: PaymentDoor, surroundings: PaymentSurroundings): Promise<void> {
  return once(orderId, () => openPaymentPage(orderId, door, surroundings));
}

/** A second click while the first still runs joins it instead of starting another. */
function once(key: string, start: () => Promise<void>): Promise<void> {
  const started = running.get(key) ?? start().finally(() => running.delete(key));
  running.set(key, started);
  return started;
}

/** Repeat the first request to the letter; another gateway chosen since then is a retry of the same order. */
async function obtainTransaction(purchase: Purchase, intent: Intent): Promise<CreatedTransaction> {
  const changedGateway = purchase.gateway !== intent.gateway;
  if (changedGateway && intent.orderId !== null) return retryAt(intent.orderId, purchase.gateway);
  const created = await createOrKeep(purchase, intent, changedGateway);
  if ("keptOrderId" in created) return retryAt(created.keptOrderId, purchase.gateway);
  return created;
}

async function createOrKeep(
  purchase: Purchase,
  intent: Intent,
  changedGateway: boolean,
): Promise<CreatedTransaction | { keptOrderId: string }> {
  try {
    const created = await createTransaction(intent.key, firstRequest(purchase, intent));
    rememberOrder(intent, created.order_id);
    return changedGateway ? { keptOrderId: created.order_id } : created;
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (saysNoOrder(problem)) forgetIntent(intent);
    if (problem.orderId === null) throw problem;
    rememberOrder(intent, problem.orderId);
    if (!changedGateway) throw problem;
    return { keptOrderId: problem.orderId };
  }
}

function firstRequest(purchase: Purchase, { items, gateway, locale }: Intent): Purchase {
  return { ...purchase, items: [...items], gateway, locale };
}

async function retryAt(orderId: string, gateway: GatewayId): Promise<CreatedTransaction> {
  try {
    const created = await requestRetry(retryKeyFor(orderId, gateway), orderId, gateway);
    forgetRetryKey(orderId, gateway);
    return created;
  } catch (thrown) {
    const problem = asProblem(thrown);
    // After a refusal the next click asks anew; after silence or an outage it repeats the same request.
    if (saysRefused(problem)) forgetRetryKey(orderId, gateway);
    throw problem;
  }
}
