/** What the gateway's pop-up said before it closed. A hint for wording only; it never proves a payment. */
export type PopupReturn = "success" | "pending" | "error" | "closed";

/** What paying needs from the shop around it; the app gives the real one, tests a scripted one. */
export interface PaymentSurroundings {
  readonly language: "id" | "en";
  /** Where snap.js comes from; null when Midtrans is not configured. */
  readonly snap: { readonly scriptUrl: string; readonly clientKey: string } | null;
  /** Show the order's own page. */
  showOrder(orderId: string, returned: PopupReturn | null): Promise<void>;
  /** Leave the shop for a gateway's page. */
  leaveFor(address: string): void;
}
