import type { GatewayId } from "@/shared/api/contract";
import { lasting } from "@/shared/storage/browserStorage";

import { newKey } from "./intent";

/** The stored key of one wish to pay an order again; made and stored on first use. */
export function retryKeyFor(orderId: string, gateway: GatewayId): string {
  const known = lasting.read(storageKey(orderId, gateway));
  if (known !== null) return known;
  const made = newKey();
  lasting.write(storageKey(orderId, gateway), made);
  return made;
}

/** Drop the key once the server has answered: a later retry is another wish, and must not replay this one. */
export function forgetRetryKey(orderId: string, gateway: GatewayId): void {
  lasting.remove(storageKey(orderId, gateway));
}

function storageKey(orderId: string, gateway: GatewayId): string {
  return `lunas.retry.v1.${orderId}.${gateway}`;
}
