import { useParams } from "react-router";

import { ReceiptPage } from "@/features/order-status/ReceiptPage";
import { useShopConfig } from "@/shared/api/queries";
import { useTexts } from "@/shared/i18n/language";

/** The receipt of one order, with the shop's own name on it. */
export function ReceiptRoute() {
  const { orderId = "" } = useParams();
  const { shop } = useTexts();
  return <ReceiptPage orderId={orderId} shopName={useShopConfig().data?.shop_name ?? shop.name} />;
}
