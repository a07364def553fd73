import type { ReactNode } from "react";
import { Link } from "react-router";

import type { Order } from "@/shared/api/contract";
import { useTexts } from "@/shared/i18n/language";
import { Notice } from "@/shared/ui/Notice";
import { useTitle } from "@/shared/ui/useTitle";

import { OrderFacts } from "./OrderFacts";
import { RefundProgress } from "./RefundProgress";
import { situationOf } from "./situation";
import type { ReturnHint, Situation } from "./situation";
import { StatusPanel } from "./StatusPanel";
import { Unseen } from "./Unseen";
import { useFollowedOrder } from "./useFollowedOrder";
import { useNow } from "@/shared/time/useNow";
import "./order-status.css";

interface Props {
  orderId: string;
  hint: ReturnHint | null;
  watchedSinceMs: number;
  /** What the shopper can do about paying, given where the order stands. */
  renderPayment: (order: Order, situation: Situation) => ReactNode;
}

/** The order's own page: asks our API until the order is final, and says what that means. */
export function OrderStatusPage({ orderId, hint, watchedSinceMs, renderPayment }: Props) {
  const texts = useTexts();
  const { data: order, error, refetch } = useFollowedOrder(orderId, watchedSinceMs);
  useTitle(order ? `${texts.order.title} ${order.order_number}` : texts.order.title);

  if (order) {
    return <FollowedOrder order={order} hint={hint} lost={error !== null} renderPayment={renderPayment} />;
  }
  if (error) return <Unseen problem={error} onAgain={() => void refetch()} />;
  return <p role="status">{texts.shop.loading}</p>;
}

interface FollowedProps extends Pick<Props, "hint" | "renderPayment"> {
  order: Order;
  /** True while what is shown may be out of date. */
  lost: boolean;
}

function FollowedOrder({ order, hint, lost, renderPayment }: FollowedProps) {
  const texts = useTexts();
  const nowMs = useNow(order.status === "pending");
  const situation = situationOf(order, hint, nowMs);
  return (
    <div className="order">
      <p className="order__number muted">
        {texts.order.number} <strong data-testid="order-number">{order.order_number}</strong>
      </p>
      {lost && <Notice tone="info" title={texts.order.connectionLost} />}
      <div className="order__columns">
        <StatusPanel order={order} situation={situation} nowMs={nowMs} hint={hint}>
          {renderPayment(order, situation)}
        </StatusPanel>
        <div className="order__side">
          {order.refunds.length > 0 && <RefundProgress refunds={order.refunds} />}
          <OrderFacts order={order} />
        </div>
      </div>
      <Link to="/">{texts.shop.backToShop}</Link>
    </div>
  );
}
