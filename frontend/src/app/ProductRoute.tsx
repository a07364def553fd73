import { useParams } from "react-router";

import { ProductPage } from "@/features/catalogue/ProductPage";

import { addToCart, useQuantityInCart } from "./cartOfCatalogue";

/** A product's page, joined to the cart. */
export function ProductRoute() {
  const { sku = "" } = useParams();
  // The key: what was chosen for one product is not chosen for the next.
  return <ProductPage key={sku} sku={sku} quantityInCart={useQuantityInCart()} onAdd={addToCart} />;
}
