import { useQuery } from "@tanstack/react-query";

import type { Order } from "@/shared/api/contract";
import { getJson } from "@/shared/api/http";
import type { ApiProblem } from "@/shared/api/problem";

import { nextPoll } from "./polling";

/**
 * The order as our API knows it, asked again and again until it is final.
 *
 * A hidden tab does not ask (the query client pauses there) and catches up when it is seen again.
 */
export function useFollowedOrder(orderId: string, watchedSinceMs: number) {
  return useQuery<Order, ApiProblem>({
    queryKey: ["order", orderId],
    queryFn: () => getJson<Order>(`/api/orders/${encodeURIComponent(orderId)}`),
    // The next poll is the retry.
    retry: false,
    staleTime: 0,
    refetchOnWindowFocus: "always",
    refetchIntervalInBackground: false,
    refetchInterval: ({ state }) =>
      nextPoll({ order: state.data, problem: state.error, watchedMs: Date.now() - watchedSinceMs }),
  });
}
