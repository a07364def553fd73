import { useNavigate } from "react-router";

import type { PaymentSurroundings } from "@/features/payment/surroundings";
import type { ShopConfig } from "@/shared/api/contract";
import { useLanguage } from "@/shared/i18n/language";

/** The real shop around a payment: its router, the browser's address bar, the configured snap.js. */
export function usePaymentSurroundings(config: ShopConfig | undefined): PaymentSurroundings {
  const navigate = useNavigate();
  const language = useLanguage();
  const midtrans = config?.gateways.find((gateway) => gateway.id === "midtrans");
  return {
    language,
    snap: midtrans ? { scriptUrl: midtrans.snap_js_url, clientKey: midtrans.client_key } : null,
    async showOrder(orderId, returned) {
      const state = returned && { said: returned, atMs: Date.now() };
      // Replacing keeps a finished checkout out of the history: "back" must not offer to pay again.
      await navigate(`/orders/${encodeURIComponent(orderId)}`, { replace: true, state });
    },
    leaveFor(address) {
      window.location.assign(address);
    },
  };
}
