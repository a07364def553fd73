import type { Order } from "@/shared/api/contract";
import type { ApiProblem } from "@/shared/api/problem";

const FAST_MS = 2_000;
const SLOWER_MS = 5_000;
const SLOW_MS = 15_000;

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
 * Most payments are settled within a minute; whoever waits longer went to a counter or a bank.
 */
export function nextPoll({ order, problem, watchedMs }: Watch): number | false {
  if (problem?.code === "order_not_found" || order?.final) return false;
  if (problem?.code === "rate_limited" || watchedMs >= 5 * 60_000) return SLOW_MS;
  return watchedMs >= 60_000 ? SLOWER_MS : FAST_MS;
}
