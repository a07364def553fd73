import { expect, test } from "vitest";

import { ApiProblem } from "@/shared/api/problem";
import { exampleOrder } from "@/shared/testing/examples";

import { nextPoll } from "./polling";

const order = exampleOrder();
const MINUTE = 60_000;

test.each([
  [0, 2_000],
  [MINUTE - 1, 2_000],
  [MINUTE, 5_000],
  [5 * MINUTE - 1, 5_000],
  [5 * MINUTE, 15_000],
  [30 * MINUTE - 1, 15_000],
  [30 * MINUTE, 60_000],
])("after %d ms of waiting the next question comes in %d ms", (watchedMs, wait) => {
  expect(nextPoll({ order, problem: null, watchedMs })).toBe(wait);
});

test("a final order and an unknown order are not asked for again", () => {
  expect(nextPoll({ order: exampleOrder({ final: true }), problem: null, watchedMs: 0 })).toBe(false);
  expect(nextPoll({ order: undefined, problem: new ApiProblem({ code: "order_not_found" }), watchedMs: 0 })).toBe(false);
});

test("a lost network goes on asking; too many questions slow down at once", () => {
  expect(nextPoll({ order, problem: new ApiProblem({ code: "network_lost" }), watchedMs: 0 })).toBe(2_000);
  expect(nextPoll({ order, problem: new ApiProblem({ code: "rate_limited" }), watchedMs: 0 })).toBe(15_000);
});

test("nobody is asked before the time that they named", () => {
  const limited = new ApiProblem({ code: "rate_limited", status: 429, retryAfterS: 40 });
  expect(nextPoll({ order, problem: limited, watchedMs: 0 })).toBe(40_000);
  const short = new ApiProblem({ code: "database_unavailable", status: 503, retryAfterS: 5 });
  expect(nextPoll({ order, problem: short, watchedMs: 0 })).toBe(5_000);
  expect(nextPoll({ order, problem: short, watchedMs: 10 * MINUTE })).toBe(15_000);
});
