import type { Product } from "@/shared/api/contract";

import type { Cart } from "./cartLines";

/** A cart line together with what the shop says about its product today. */
export interface PricedLine {
  readonly product: Product;
  readonly quantity: number;
  readonly lineTotalIdr: number;
}

export interface PricedCart {
  readonly lines: readonly PricedLine[];
  /** Products that the shop no longer lists. */
  readonly goneSkus: readonly string[];
  readonly totalIdr: number;
}

/** Price the cart with today's catalogue. The server prices the order again; this is for showing. */
export function priceCart(cart: Cart, products: readonly Product[]): PricedCart {
  const bySku = new Map(products.map((product) => [product.sku, product]));
  const lines = cart.flatMap(({ sku, quantity }) => {
    const product = bySku.get(sku);
    return product ? [{ product, quantity, lineTotalIdr: product.price_idr * quantity }] : [];
  });
  return {
    lines,
    goneSkus: cart.map((line) => line.sku).filter((sku) => !bySku.has(sku)),
    totalIdr: lines.reduce((sum, line) => sum + line.lineTotalIdr, 0),
  };
}
