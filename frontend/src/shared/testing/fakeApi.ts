import { vi } from "vitest";

/** What the shop asked of the API. */
export interface SeenRequest {
  method: string;
  path: string;
  key: string | null;
  body: unknown;
}

/** Answers one request; throwing stands for a lost connection. */
export type Answer = (request: SeenRequest) => Response | Promise<Response>;

/** Stand in for the API: one answer per `METHOD path`; an unnamed request fails the test. */
export function fakeApi(answers: Record<string, Answer>): SeenRequest[] {
  const seen: SeenRequest[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const method = init.method ?? "GET";
    const answer = answers[`${method} ${path}`];
    if (!answer) throw new Error(`The test names no answer for ${method} ${path}`);
    const request = {
      method,
      path,
      key: new Headers(init.headers).get("Idempotency-Key"),
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : null,
    };
    seen.push(request);
    return answer(request);
  });
  return seen;
}

/** A JSON answer. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

/** A problem+json answer as our API gives it. */
export function problem(status: number, code: string, more: Record<string, unknown> = {}): Response {
  return json({ type: "about:blank", title: code, status, detail: code, code, ...more }, status);
}

/** An answer that never arrives. */
export const lostConnection: Answer = () => {
  throw new TypeError("Failed to fetch");
};
