import { quantityOf } from "@/features/cart/cartLines";
import { currentCart, setQuantity, useCart } from "@/features/cart/cartStore";

/** Tells how many of a product are in the cart; the component follows it. */
export function useQuantityInCart(): (sku: string) => number {
  const cart = useCart();
  return (sku) => quantityOf(cart, sku);
}

/** Put so many more pieces into the cart, over what any tab has put there meanwhile. */
export function addToCart(sku: string, quantity = 1): void {
  setQuantity(sku, quantityOf(currentCart(), sku) + quantity);
}
