import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { ApiProblem } from "@/shared/api/problem";

import { usePaymentAction } from "./usePaymentAction";

test("a second step is ignored while the first still runs, and the next one after it runs", async () => {
  const { result } = renderHook(usePaymentAction);
  const second = vi.fn(() => Promise.resolve());
  let finish: () => void = () => undefined;

  act(() => {
    void result.current.run(() => new Promise((resolve) => { finish = resolve; }));
    void result.current.run(second);
  });
  expect(result.current.busy).toBe(true);
  expect(second).not.toHaveBeenCalled();

  await act(async () => { finish(); await Promise.resolve(); });
  expect(result.current.busy).toBe(false);
  await act(() => result.current.run(second));
  expect(second).toHaveBeenCalledTimes(1);
});

test("what went wrong is kept until it is cleared or another step starts", async () => {
  const { result } = renderHook(usePaymentAction);

  await act(() => result.current.run(() => Promise.reject(new ApiProblem({ code: "rate_limited", status: 429 }))));
  expect(result.current.problem?.code).toBe("rate_limited");
  act(() => { result.current.clear(); });
  expect(result.current.problem).toBeNull();

  await act(() => result.current.run(() => Promise.reject(new TypeError("a mistake of ours"))));
  expect(result.current.problem?.code).toBe("unexpected");
  await act(() => result.current.run(() => Promise.resolve()));
  expect(result.current.problem).toBeNull();
});

test("a server that wants to be left alone is left alone, by the clock", async () => {
  vi.useFakeTimers();
  const { result } = renderHook(usePaymentAction);
  const step = vi.fn(() => Promise.resolve());
  const down = new ApiProblem({ code: "gateway_unavailable", status: 503, retryAfterS: 5 });

  await act(() => result.current.run(() => Promise.reject(down)));
  expect(result.current.waitS).toBe(5);
  await act(() => vi.advanceTimersByTimeAsync(3_000));
  expect(result.current.waitS).toBe(2);
  await act(() => result.current.run(step));
  expect(step).not.toHaveBeenCalled();

  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(result.current.waitS).toBe(0);
  await act(() => result.current.run(step));
  expect(step).toHaveBeenCalledTimes(1);
});
