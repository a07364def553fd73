import type { Product } from "@/shared/api/contract";

/**
 * What to show beside a product: its nearest neighbours in the shop's own order that can be bought.
 *
 * The shop lists like beside like (food, then craft), which says more than prices or chance would.
 */
export function relatedProducts(products: readonly Product[], sku: string, most: number): readonly Product[] {
  const here = products.findIndex((product) => product.sku === sku);
  return products
    .map((product, position) => ({ product, distance: Math.abs(position - here) }))
    .filter(({ product }) => product.sku !== sku && product.available > 0)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, most)
    .map(({ product }) => product);
}
