import { QueryClient } from "@tanstack/react-query";

import { asProblem, mayPass } from "@/shared/api/problem";

const TRIES = 2;

/** A client that reports a lost network instead of waiting silently, and does not repeat refusals. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        // Off by default in this mode; what failed while the network was gone comes by itself when it is back.
        refetchOnReconnect: true,
        retry: (failures, error) => failures < TRIES && mayPass(asProblem(error)),
      },
    },
  });
}
