import { useState } from "react";
import { Link } from "react-router";

import { CartPage } from "@/features/cart/CartPage";
import { keptOrderId } from "@/features/payment/intent";
import { useTexts } from "@/shared/i18n/language";
import { Notice } from "@/shared/ui/Notice";

/** The cart, joined to an order whose payment did not start. */
export function CartRoute() {
  const [orderId] = useState(() => keptOrderId(Date.now()));
  return <CartPage heldNotice={orderId === null ? null : <WaitingOrder orderId={orderId} />} />;
}

function WaitingOrder({ orderId }: { orderId: string }) {
  const { problems } = useTexts();
  return (
    <Notice tone="info" title={problems.orderWaiting}>
      <p>
        {problems.orderWaitingHelp}{" "}
        <Link to={`/orders/${encodeURIComponent(orderId)}`}>{problems.seeOrder}</Link>
      </p>
    </Notice>
  );
}
