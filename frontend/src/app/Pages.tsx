import { lazy } from "react";
import { Route, Routes } from "react-router";

import { CatalogueRoute } from "./CatalogueRoute";
import { Layout } from "./Layout";
import { NotFoundPage } from "./NotFoundPage";

const LATER = {
  product: () => import("./ProductRoute"),
  cart: () => import("./CartRoute"),
  checkout: () => import("./CheckoutRoute"),
  myOrders: () => import("./MyOrdersRoute"),
  order: () => import("./OrderRoute"),
};

const ProductRoute = lazy(async () => ({ default: (await LATER.product()).ProductRoute }));
const CartRoute = lazy(async () => ({ default: (await LATER.cart()).CartRoute }));
const CheckoutRoute = lazy(async () => ({ default: (await LATER.checkout()).CheckoutRoute }));
const MyOrdersRoute = lazy(async () => ({ default: (await LATER.myOrders()).MyOrdersRoute }));
const OrderRoute = lazy(async () => ({ default: (await LATER.order()).OrderRoute }));

/**
 * Fetch every page that is not here yet, once the first one stands.
 *
 * A page that is fetched only when it is needed is a page that a lost network or a deployment can take away
 * between cart and payment. It rejects where one could not be fetched; the page itself will try again.
 */
export async function fetchAllPages(): Promise<void> {
  await Promise.all(Object.values(LATER).map((fetchPage) => fetchPage()));
}

/** Every page of the shop; the first one is in the first bundle, the others follow while it is looked at. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route path="/" element={<CatalogueRoute />} />
        <Route path="/produk/:sku" element={<ProductRoute />} />
        <Route path="/cart" element={<CartRoute />} />
        <Route path="/checkout" element={<CheckoutRoute />} />
        <Route path="/orders" element={<MyOrdersRoute />} />
        <Route path="/orders/:orderId" element={<OrderRoute />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
