import { isRecord } from "@/shared/json/guards";

/** Every code that our API names, and two of our own for answers that never came or made no sense. */
const PROBLEM_CODES = [
  "validation_failed",
  "malformed_json",
  "idempotency_key_reused",
  "idempotency_in_progress",
  "out_of_stock",
  "unknown_product",
  "gateway_not_configured",
  "gateway_unavailable",
  "gateway_rejected",
  "rate_limited",
  "database_unavailable",
  "order_not_found",
  "order_not_payable",
  "network_lost",
  "unexpected",
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

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
}

/** A request to our API that did not succeed. */
export class ApiProblem extends Error implements ProblemDetails {
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: ItemProblem[];
  readonly orderId: string | null;

  constructor(details: Partial<ProblemDetails> & { code: ProblemCode }) {
    super(details.code);
    this.name = "ApiProblem";
    this.code = details.code;
    this.status = details.status ?? 0;
    this.errors = details.errors ?? [];
    this.orderId = details.orderId ?? null;
  }
}

/** Turn anything thrown into an ApiProblem, so that screens handle one kind of failure only. */
export function asProblem(thrown: unknown): ApiProblem {
  return thrown instanceof ApiProblem ? thrown : new ApiProblem({ code: "unexpected" });
}

/** True for trouble that may be over in a moment: no answer at all, or the server's own failure. */
export function mayPass({ status }: ApiProblem): boolean {
  return status === 0 || status >= 500;
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
  });
}

function readCode(value: unknown): ProblemCode {
  return PROBLEM_CODES.find((code) => code === value) ?? "unexpected";
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
