import { vi } from "vitest";

import { documentedAnswer, faultsOfAnswer, faultsOfRequest, findOperation } from "./apiDocument";
import type { Operation } from "./apiDocument";

/** What the shop asked of the API. */
export interface SeenRequest {
  method: string;
  path: string;
  key: string | null;
  body: unknown;
}

/** Answers one request; throwing stands for a lost connection. */
export type Answer = (request: SeenRequest) => Response | Promise<Response>;

let broken: string[] = [];

/**
 * Stand in for the API: one answer per `METHOD path`.
 *
 * Every request and every answer is held against the OpenAPI document, so that no test lives on an answer that
 * the server would never give. A breach, and a request that no answer is named for, fail the test at its end:
 * the code under test may well take the error for a lost network and go on.
 */
export function fakeApi(answers: Record<string, Answer>): SeenRequest[] {
  return serve((request) => {
    const answer = answers[`${request.method} ${request.path}`];
    if (!answer) throw breach(`The test names no answer for ${request.method} ${request.path}`);
    return answer;
  });
}

/** Stand in for the API with the document's own examples; `answers` takes precedence where it names a request. */
export function documentedApi(answers: Record<string, Answer> = {}): SeenRequest[] {
  return serve(({ method, path }) => answers[`${method} ${path}`] ?? documented());
}

/** The answer of the document's example of this name (`xendit`, `out_of_stock`), or of its first one. */
export function documented(example?: string): Answer {
  return ({ method, path }) => documentedAnswer(operationOf(method, path), example);
}

/** What the requests and answers since the last call had against the document. */
export function takeBreaches(): string[] {
  const found = broken;
  broken = [];
  return found;
}

function serve(choose: (request: SeenRequest) => Answer): SeenRequest[] {
  const seen: SeenRequest[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const request = read(path, init);
    const operation = operationOf(request.method, path);
    broken.push(...faultsOfRequest(operation, request.body));
    seen.push(request);
    const answer = await choose(request)(request);
    broken.push(...await faultsOfAnswer(operation, answer));
    return answer;
  });
  return seen;
}

function read(path: string, init: RequestInit): SeenRequest {
  return {
    method: init.method ?? "GET",
    path,
    key: new Headers(init.headers).get("Idempotency-Key"),
    body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : null,
  };
}

function operationOf(method: string, path: string): Operation {
  const operation = findOperation(method, path);
  if (!operation) throw breach(`The API has no ${method} ${path}`);
  return operation;
}

function breach(words: string): Error {
  broken.push(words);
  return new Error(words);
}

/** A JSON answer. */
export function json(body: unknown, status = 200): Response {
  return answerOf(body, status, "application/json");
}

/** A problem+json answer as our API gives it. */
export function problem(status: number, code: string, more: Record<string, unknown> = {}): Response {
  const body = { type: `urn:lunas:problem:${code}`, title: code, status, detail: code, code, ...more };
  return answerOf(body, status, "application/problem+json");
}

/** An answer that never arrives. */
export const lostConnection: Answer = () => {
  throw new TypeError("Failed to fetch");
};

function answerOf(body: unknown, status: number, type: string): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });
}
