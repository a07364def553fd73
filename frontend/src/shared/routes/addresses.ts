/** The address of a product's own page. */
export function productAddress(sku: string): string {
  return `/produk/${encodeURIComponent(sku)}`;
}

/** The address of an order's own page; whoever knows it may see the order. */
export function orderAddress(orderId: string): string {
  return `/orders/${encodeURIComponent(orderId)}`;
}
