import { useState } from "react";

import { setQuantity } from "@/features/cart/cartStore";
import type { PricedCart } from "@/features/cart/pricedCart";
import type { CartChange } from "@/features/checkout/CartChanges";
import { acceptPrices, changedPrices } from "@/features/checkout/seenPrices";
import { mayHoldGoods } from "@/features/payment/intent";
import type { Product } from "@/shared/api/contract";
import { useLanguage } from "@/shared/i18n/language";

export interface Changes {
  readonly list: readonly CartChange[];
  /** What the cart costs once the changes are accepted. */
  readonly newTotalIdr: number;
  /** Take the cart as the shop can give it today. */
  readonly accept: () => void;
}

/** What is not as it was when the shopper chose: prices, stock, products that are gone. */
export function useCartChanges(cart: PricedCart): Changes {
  const language = useLanguage();
  const [, setAccepted] = useState(0);
  const [openedAtMs] = useState(() => Date.now());
  const prices = cart.lines.map(({ product }) => ({ sku: product.sku, priceIdr: product.price_idr }));
  // An order of ours may hold the very goods that seem to be missing; then only the server can tell.
  const short = mayHoldGoods(openedAtMs) ? [] : cart.lines.filter(({ product, quantity }) => quantity > product.available);
  const nameOf = (sku: string) => cart.lines.find(({ product }) => product.sku === sku)?.product.name[language] ?? sku;
  return {
    list: [
      ...changedPrices(prices).map(({ sku, ...change }) => ({ kind: "price" as const, name: nameOf(sku), ...change })),
      ...short.map(({ product }) => ({ kind: "short" as const, name: product.name[language], available: product.available })),
      ...cart.goneSkus.map((sku) => ({ kind: "gone" as const, sku })),
    ],
    newTotalIdr: cart.totalIdr - short.reduce((sum, { product, quantity }) => sum + missing(product, quantity), 0),
    accept: () => {
      acceptPrices(prices);
      short.forEach(({ product }) => { setQuantity(product.sku, product.available); });
      cart.goneSkus.forEach((sku) => { setQuantity(sku, 0); });
      setAccepted((times) => times + 1);
    },
  };
}

function missing({ price_idr: priceIdr, available }: Product, quantity: number): number {
  return priceIdr * (quantity - Math.max(0, available));
}
