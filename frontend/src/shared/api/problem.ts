import { isRecord } from "@/shared/json/guards";

import type { ApiProblemCode } from "./contract";

/** Every code that our API names, and two of our own for answers that never came or made no sense. */
const PROBLEM_CODES = {
  malformed_json: true,
  idempotency_key_invalid: true,
  order_not_found: true,
  not_found: true,
  method_not_allowed: true,
  idempotency_in_progress: true,
  out_of_stock: true,
  price_changed: true,
  order_not_payable: true,
  too_large: true,
  validation_failed: true,
  idempotency_key_reused: true,
  unknown_product: true,
  gateway_not_configured: true,
  rate_limited: true,
  internal_error: true,
  gateway_rejected: true,
  gateway_unavailable: true,
  database_unavailable: true,
  network_lost: true,
  unexpected: true,
  // The compiler names what is missing when the API gets a new code.
} as const satisfies Record<ApiProblemCode | "network_lost" | "unexpected", true>;

export type ProblemCode = keyof typeof PROBLEM_CODES;

export interface ItemProblem {
  field: string;
  code: string;
  message: string;
  sku?: string;
  available?: number;
}

/** What is known about a failed request, after RFC 9457 (problem+json). */
export interface ProblemDetails {
  code: ProblemCode;
  /** HTTP status; 0 when no answer came. */
  status: number;
  errors: ItemProblem[];
  /** Set when the order was kept although the request failed. */
  orderId: string | null;
  /** How long the server asks us to wait before the same request; null where it does not say. */
  retryAfterS: number | null;
}

/** A request to our API that did not succeed. */
export class ApiProblem extends Error implements ProblemDetails {
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: ItemProblem[];
  readonly orderId: string | null;
  readonly retryAfterS: number | null;

  constructor(details: Partial<ProblemDetails> & { code: ProblemCode }) {
    super(details.code);
    this.name = "ApiProblem";
    this.code = details.code;
    this.status = details.status ?? 0;
    this.errors = details.errors ?? [];
    this.orderId = details.orderId ?? null;
    this.retryAfterS = details.retryAfterS ?? null;
  }
}

/** Turn anything thrown into an ApiProblem, so that screens handle one kind of failure only. */
export function asProblem(thrown: unknown): ApiProblem {
  return thrown instanceof ApiProblem ? thrown : new ApiProblem({ code: "unexpected" });
}

/** True for trouble that may be over in a moment: no answer, too many questions, or the server's own failure. */
export function mayPass({ status }: ApiProblem): boolean {
  return status === 0 || status === 429 || status >= 500;
}

/** Read a failed answer; one that is no problem+json (a proxy's HTML page) becomes `unexpected`. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const body = await response.json().catch(() => null) as unknown;
  const fields = isRecord(body) ? body : {};
  return new ApiProblem({
    code: readCode(fields["code"]),
    status: response.status,
    errors: Array.isArray(fields["errors"]) ? fields["errors"].flatMap(readItem) : [],
    orderId: readText(fields["order_id"]) ?? null,
    retryAfterS: readSeconds(response.headers.get("Retry-After")),
  });
}

function readCode(value: unknown): ProblemCode {
  return typeof value === "string" && Object.hasOwn(PROBLEM_CODES, value) ? (value as ProblemCode) : "unexpected";
}

/** Our API writes seconds; a date, which a proxy may write, is not worth trusting two clocks for. */
function readSeconds(value: string | null): number | null {
  return value !== null && /^[1-9]\d{0,4}$/.test(value) ? Number(value) : null;
}

function readItem(value: unknown): ItemProblem[] {
  if (!isRecord(value)) return [];
  const sku = readText(value["sku"]);
  const available = value["available"];
  return [
    {
      field: readText(value["field"]) ?? "",
      code: readText(value["code"]) ?? "",
      message: readText(value["message"]) ?? "",
      ...(sku === undefined ? {} : { sku }),
      ...(typeof available === "number" ? { available } : {}),
    },
  ];
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
