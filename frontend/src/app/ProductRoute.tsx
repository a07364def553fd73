import { useParams } from "react-router";

import { ProductPage } from "@/features/catalogue/ProductPage";

import { addToCart, useQuantityInCart } from "./cartOfCatalogue";

/** A product's page, joined to the cart. */
export function ProductRoute() {
  const { sku = "" } = useParams();
  return <ProductPage sku={sku} quantityInCart={useQuantityInCart()} onAdd={addToCart} />;
}
