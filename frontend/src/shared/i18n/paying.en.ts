import type { payingId } from "./paying.id";

/** English texts of paying and of what comes after. */
export const payingEn: typeof payingId = {
  changes: {
    title: "Something has changed since you chose",
    price: (name, before, now) => `${name}: the price went from ${before} to ${now}`,
    short: (name, available) => (available > 0 ? `${name}: only ${available} left` : `${name}: sold out`),
    gone: (sku) => `Item ${sku} is no longer sold`,
    newTotal: (total) => `New total: ${total}`,
    confirm: "Accept these changes",
    first: "Please check and accept the changes first.",
  },
  phoneRead: (phone) => `We will use ${phone}`,
  emailMeant: (email) => `Did you mean ${email}?`,
  tryAgainIn: (wait) => `Try again in ${wait}`,
  seconds: (count) => `${count} ${count === 1 ? "second" : "seconds"}`,
  minutes: (count) => `${count} ${count === 1 ? "minute" : "minutes"}`,
  hints: {
    pending: "Your payment instructions were made. The number will appear here in a moment.",
    error: "The payment window reported a problem. What counts is the status on this page; you may try again.",
    closed: "The payment window was closed before it was done. Nothing is lost: you can go on with it.",
  },
  companyCode: "Company code",
  billNumber: "Bill number",
  chosen: (method) => `You chose ${method}. Its code is in the payment window; open it again to pay.`,
  onPhone: "Continue on your phone",
  onPhoneHelp: "Scan it with your phone’s camera to open the same payment page.",
  onPhoneAlt: "QR code of the payment page of this order",
  receipt: {
    link: "See and print the receipt",
    title: "Receipt",
    print: "Print",
    back: "Back to the order",
    none: "There is no receipt yet",
    noneHelp: "The receipt is here as soon as we have received the payment.",
    item: "Item",
    quantity: "Quantity",
    unitPrice: "Unit price",
    lineTotal: "Subtotal",
    paidFor: "Paid by",
    net: "Left after refunds",
    note: "Made automatically; valid without a signature.",
  },
  refunds: {
    title: "Refunds",
    one: (amount) => `Refund of ${amount}`,
    to: (method) => `to ${method}`,
    byTransfer: "by bank transfer",
    now: "now",
    steps: {
      requested: { name: "Requested", meaning: "The refund was requested and waits for our approval." },
      approved: { name: "Approved", meaning: "The refund is approved and will be sent shortly." },
      sent: { name: "Sent", meaning: "The money is on its way; we are waiting for the payment service to confirm it." },
      succeeded: { name: "Done", meaning: "The money was handed to your bank or wallet." },
      failed: {
        name: "Delayed",
        meaning: "This payout did not work yet. Your money is safe; we are finding another way and will tell you.",
      },
    },
    arrives: (least, most) =>
      least === 0
        ? `It usually arrives the same day, at the latest within ${most} working ${most === 1 ? "day" : "days"}.`
        : `It usually arrives within ${least} to ${most} working days of being sent.`,
  },
};
