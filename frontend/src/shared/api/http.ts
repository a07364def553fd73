import { ApiProblem, readProblem } from "./problem";

/** Longer than the server waits for a gateway (10 s), so that its own answer wins over our impatience. */
const TIMEOUT_MS = 30_000;

/** GET a JSON document of our API; throws ApiProblem. */
export function getJson<Answer>(path: string): Promise<Answer> {
  return requestJson<Answer>(path, {});
}

/** POST a JSON document under an idempotency key; throws ApiProblem. */
export function postJson<Answer>(path: string, idempotencyKey: string, body: unknown): Promise<Answer> {
  return requestJson<Answer>(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey },
    body: JSON.stringify(body),
  });
}

async function requestJson<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await send(path, init);
  if (!response.ok) throw await readProblem(response);
  try {
    return (await response.json()) as Answer;
  } catch {
    // The answer broke off half-way: whether the server acted is unknown, exactly as if none had come.
    throw new ApiProblem({ code: "network_lost", status: response.status });
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const aborter = new AbortController();
  const timer = setTimeout(() => { aborter.abort(); }, TIMEOUT_MS);
  try {
    return await fetch(path, { ...init, signal: aborter.signal });
  } catch {
    throw new ApiProblem({ code: "network_lost" });
  } finally {
    clearTimeout(timer);
  }
}
