import { Route, Routes } from "react-router";

import { CartRoute } from "./CartRoute";
import { CatalogueRoute } from "./CatalogueRoute";
import { CheckoutRoute } from "./CheckoutRoute";
import { Layout } from "./Layout";
import { NotFoundPage } from "./NotFoundPage";
import { OrderRoute } from "./OrderRoute";
import { ReceiptRoute } from "./ReceiptRoute";

/** Every page of the shop; all are in one bundle, so that a deployment or an outage never strands a payment. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route path="/" element={<CatalogueRoute />} />
        <Route path="/cart" element={<CartRoute />} />
        <Route path="/checkout" element={<CheckoutRoute />} />
        <Route path="/orders/:orderId" element={<OrderRoute />} />
        <Route path="/orders/:orderId/receipt" element={<ReceiptRoute />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
