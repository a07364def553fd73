import type { Order } from "@/shared/api/contract";
import type { Dictionary } from "@/shared/i18n/language";

/** What the shopper should be told; finer than the order's status where "pending" hides different things. */
export type Situation = keyof Dictionary["order"]["situations"];

export type Tone = "good" | "waiting" | "bad" | "neutral";

/** How long we say "confirming" on the pop-up's word alone, before we fall back to what our API says. */
export const CONFIRMING_GRACE_MS = 2 * 60_000;

/** The gateway's page ended with this word, at this time. It changes wording only, never a status. */
export interface ReturnHint {
  readonly said: "success" | "pending" | "error" | "closed";
  readonly atMs: number;
}

/** Find the situation from our API's answer; the hint may only turn "unpaid" into "confirming". */
export function situationOf(order: Order, hint: ReturnHint | null, nowMs: number): Situation {
  if (order.status !== "pending") return order.status;
  if (order.confirming || isFreshSuccess(hint, nowMs)) return "confirming";
  if (nowMs >= Date.parse(order.expires_at)) return "time_up";
  if (order.payment.last_outcome === "denied") return "declined";
  return order.payment.instructions === null ? "unpaid" : "waiting";
}

function isFreshSuccess(hint: ReturnHint | null, nowMs: number): boolean {
  return hint?.said === "success" && nowMs - hint.atMs < CONFIRMING_GRACE_MS;
}

/** What the pop-up said that is worth a word beside what our API says; null where it adds nothing. */
export function hintWorthTelling(
  situation: Situation,
  hint: ReturnHint | null,
  nowMs: number,
): keyof Dictionary["paying"]["hints"] | null {
  if (hint === null || hint.said === "success" || nowMs - hint.atMs >= CONFIRMING_GRACE_MS) return null;
  return situation === "unpaid" ? hint.said : null;
}

const TONES: Record<Situation, Tone> = {
  paid: "good",
  unpaid: "waiting",
  waiting: "waiting",
  confirming: "waiting",
  time_up: "waiting",
  in_review: "waiting",
  declined: "bad",
  failed: "bad",
  charged_back: "bad",
  expired: "neutral",
  cancelled: "neutral",
  refunded: "neutral",
  partially_refunded: "neutral",
};

/** How a situation looks: its colour says no more than its words. */
export function toneOf(situation: Situation): Tone {
  return TONES[situation];
}

/** True where the shopper can still go on with the payment page that is open for the order. */
export function mayContinue(situation: Situation): boolean {
  return situation === "unpaid" || situation === "waiting" || situation === "declined";
}
