import type { PaymentDoor } from "@/shared/api/contract";

import { loadSnap } from "./snap";
import type { Snap, SnapOptions } from "./snap";
import type { PaymentSurroundings, PopupReturn } from "./surroundings";

/**
 * Open the gateway's page for an order: Midtrans' pop-up, or a page to go to.
 *
 * The order's own page is shown first, so that whatever happens next (a reload, a closed pop-up, the back
 * button) the shopper stands where the truth is told and the payment can be continued.
 */
export async function openPaymentPage(
  orderId: string,
  door: PaymentDoor,
  surroundings: PaymentSurroundings,
): Promise<void> {
  const snap = await popupFor(door, surroundings);
  await surroundings.showOrder(orderId, null);
  const opened = snap !== null && openPopup(snap, orderId, door, surroundings);
  const address = door.invoice_url ?? door.redirect_url;
  if (!opened && address) surroundings.leaveFor(address);
}

async function popupFor(door: PaymentDoor, { snap }: PaymentSurroundings): Promise<Snap | null> {
  if (!door.transaction_token || snap === null) return null;
  try {
    return await loadSnap(snap.scriptUrl, door.client_key ?? snap.clientKey);
  } catch {
    // Blocked by an extension or a network: the redirect page does the same job.
    return null;
  }
}

/** Returns false when snap.js refuses, as it does while another pop-up is open. */
function openPopup(snap: Snap, orderId: string, door: PaymentDoor, surroundings: PaymentSurroundings): boolean {
  try {
    snap.pay(door.transaction_token ?? "", callbacks(orderId, surroundings));
    return true;
  } catch {
    return false;
  }
}

function callbacks(orderId: string, surroundings: PaymentSurroundings): SnapOptions {
  const backWith = (said: PopupReturn) => () => void surroundings.showOrder(orderId, said);
  return {
    language: surroundings.language,
    onSuccess: backWith("success"),
    onPending: backWith("pending"),
    onError: backWith("error"),
    onClose: backWith("closed"),
  };
}
