import { isRecord } from "@/shared/json/guards";

import type { ReturnHint } from "./situation";

const WORDS: readonly ReturnHint["said"][] = ["success", "pending", "error", "closed"];

/** Read the hint that our own pop-up callbacks put into the history entry. */
export function hintFromState(state: unknown): ReturnHint | null {
  if (!isRecord(state) || typeof state["atMs"] !== "number") return null;
  const said = WORDS.find((word) => word === state["said"]);
  return said === undefined ? null : { said, atMs: state["atMs"] };
}

/**
 * Read the hint in the address after a gateway's page sent the browser back: our own `returned`, or Midtrans'
 * `transaction_status` (Midtrans docs, "Finish redirect"). Anyone can type it, so it only words the waiting.
 */
export function hintFromQuery(query: URLSearchParams, nowMs: number): ReturnHint | null {
  const succeeded =
    query.get("returned") === "success" || ["settlement", "capture"].includes(query.get("transaction_status") ?? "");
  return succeeded ? { said: "success", atMs: nowMs } : null;
}
