import { CataloguePage } from "@/features/catalogue/CataloguePage";

import { addToCart, useQuantityInCart } from "./cartOfCatalogue";

/** The catalogue, joined to the cart. */
export function CatalogueRoute() {
  return <CataloguePage quantityInCart={useQuantityInCart()} onAdd={(sku) => { addToCart(sku); }} />;
}
