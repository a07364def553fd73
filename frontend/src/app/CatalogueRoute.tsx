import { quantityOf } from "@/features/cart/cartLines";
import { currentCart, setQuantity, useCart } from "@/features/cart/cartStore";
import { CataloguePage } from "@/features/catalogue/CataloguePage";

/** The catalogue, joined to the cart. */
export function CatalogueRoute() {
  const cart = useCart();
  return (
    <CataloguePage
      quantityInCart={(sku) => quantityOf(cart, sku)}
      onAdd={(sku) => { setQuantity(sku, quantityOf(currentCart(), sku) + 1); }}
    />
  );
}
