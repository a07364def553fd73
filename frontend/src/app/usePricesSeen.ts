import { useEffect } from "react";

import { useCart } from "@/features/cart/cartStore";
import { priceCart } from "@/features/cart/pricedCart";
import { noteSeenPrices } from "@/features/checkout/seenPrices";
import { useProducts } from "@/shared/api/queries";

/** Keep what each product cost when it came into the cart, on whatever page that was. */
export function usePricesSeen(): void {
  const cart = useCart();
  // Only looks at what some page has fetched.
  const products = useProducts({ enabled: false }).data;
  useEffect(() => {
    if (!products) return;
    noteSeenPrices(priceCart(cart, products).lines.map(({ product }) => ({ sku: product.sku, priceIdr: product.price_idr })));
  }, [cart, products]);
}
