import { useNavigate } from "react-router";

import { MyOrdersPage } from "@/features/my-orders/MyOrdersPage";
import { orderAddress } from "@/shared/routes/addresses";

/** The orders of this device, joined to the orders' pages. */
export function MyOrdersRoute() {
  const navigate = useNavigate();
  return <MyOrdersPage onOpen={(orderId) => { void navigate(orderAddress(orderId)); }} />;
}
