import type { Order } from "@/shared/api/contract";
import type { ApiProblem } from "@/shared/api/problem";

const FAST_MS = 2_000;
const SLOWER_MS = 5_000;
const SLOW_MS = 15_000;
const SLOWEST_MS = 60_000;

/** What is known when the next question is planned. */
export interface Watch {
  readonly order: Order | undefined;
  readonly problem: ApiProblem | null;
  /** How long the shopper has been waiting for news. */
  readonly watchedMs: number;
}

/**
 * When to ask our API again, in milliseconds; false ends the polling.
 *
 * Most payments are settled within a minute; whoever waits longer went to a counter or a bank. Where the API
 * says when to ask again, it is not asked before.
 */
export function nextPoll({ order, problem, watchedMs }: Watch): number | false {
  if (problem?.code === "order_not_found" || order?.final) return false;
  const asked = (problem?.retryAfterS ?? 0) * 1000;
  return Math.max(asked, problem?.code === "rate_limited" ? SLOW_MS : 0, paceAfter(watchedMs));
}

function paceAfter(watchedMs: number): number {
  if (watchedMs >= 30 * 60_000) return SLOWEST_MS;
  if (watchedMs >= 5 * 60_000) return SLOW_MS;
  return watchedMs >= 60_000 ? SLOWER_MS : FAST_MS;
}
