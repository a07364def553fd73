import type { CreatedTransaction, CreateTransactionRequest, GatewayId } from "@/shared/api/contract";
import { postJson } from "@/shared/api/http";
import { asProblem } from "@/shared/api/problem";
import type { ApiProblem } from "@/shared/api/problem";

const IN_PROGRESS_TRIES = 5;
const IN_PROGRESS_WAIT_MS = 1_500;

/** Create the order and its payment, or get the same answer again under the same key. */
export function createTransaction(key: string, request: CreateTransactionRequest): Promise<CreatedTransaction> {
  return untilAnswered(() => postJson<CreatedTransaction>("/api/payments/create-transaction", key, request));
}

/** Pay an existing order (again); an open attempt gives its own page back. */
export function requestRetry(key: string, orderId: string, gateway: GatewayId): Promise<CreatedTransaction> {
  const path = `/api/orders/${encodeURIComponent(orderId)}/retry`;
  return untilAnswered(() => postJson<CreatedTransaction>(path, key, { gateway }));
}

/** The first request may still run, in another tab or after a lost answer: wait for it instead of failing. */
async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; tries < IN_PROGRESS_TRIES; tries += 1) {
    try {
      return await ask();
    } catch (thrown) {
      if (asProblem(thrown).code !== "idempotency_in_progress") throw thrown;
      await new Promise((resolve) => setTimeout(resolve, IN_PROGRESS_WAIT_MS));
    }
  }
  return ask();
}

/** True when the server said for certain that this request made no order. */
export function saysNoOrder(problem: ApiProblem): boolean {
  return problem.orderId === null && REFUSALS.has(problem.code);
}

/** True when the server answered a retry with a no, and will not act on it later. */
export function saysRefused(problem: ApiProblem): boolean {
  return problem.status >= 400 && problem.status < 500 && problem.code !== "idempotency_in_progress";
}

const REFUSALS: ReadonlySet<ApiProblem["code"]> = new Set([
  "validation_failed",
  "malformed_json",
  "idempotency_key_reused",
  "out_of_stock",
  "price_changed",
  "unknown_product",
  "gateway_not_configured",
]);
