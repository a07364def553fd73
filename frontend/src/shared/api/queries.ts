import { queryOptions, useQuery } from "@tanstack/react-query";

import type { Product, ShopConfig } from "./contract";
import { getJson } from "./http";

/** The shop's name and the gateways it can take payments with. */
export function useShopConfig() {
  return useQuery({
    queryKey: ["config"],
    queryFn: () => getJson<ShopConfig>("/api/config"),
    staleTime: 5 * 60_000,
  });
}

/** All products with price and stock; fresh for half a minute, as stock moves. */
export const productsQuery = queryOptions({
  queryKey: ["products"],
  queryFn: async () => (await getJson<{ products: Product[] }>("/api/products")).products,
  staleTime: 30_000,
});

/** All products; the component follows what is learnt of them anywhere. */
export function useProducts() {
  return useQuery(productsQuery);
}
