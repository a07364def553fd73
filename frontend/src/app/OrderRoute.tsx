import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation, useNavigate, useParams } from "react-router";

import { takeOut } from "@/features/cart/cartStore";
import { rememberOrder } from "@/features/my-orders/orderMemory";
import { OrderStatusPage } from "@/features/order-status/OrderStatusPage";
import { hintFromQuery, hintFromState } from "@/features/order-status/returnHint";
import { mayContinue } from "@/features/order-status/situation";
import type { Situation } from "@/features/order-status/situation";
import { continuePayment, retryPayment } from "@/features/payment/handlePayment";
import { settleKeptOrder } from "@/features/payment/intent";
import { OrderPayment } from "@/features/payment/OrderPayment";
import { PaymentProblem } from "@/features/payment/PaymentProblem";
import { usePaymentAction } from "@/features/payment/usePaymentAction";
import type { Order } from "@/shared/api/contract";
import { useShopConfig } from "@/shared/api/queries";
import { useLanguage } from "@/shared/i18n/language";

import { usePaymentSurroundings } from "./usePaymentSurroundings";

/** The page of one order, joined to payment. */
export function OrderRoute() {
  const { orderId = "" } = useParams();
  return <FollowedRoute key={orderId} orderId={orderId} />;
}

function FollowedRoute({ orderId }: { orderId: string }) {
  const hint = useReturnHint();
  const [openedAtMs] = useState(() => Date.now());
  return (
    <OrderStatusPage
      orderId={orderId}
      hint={hint}
      watchedSinceMs={Math.max(openedAtMs, hint?.atMs ?? 0)}
      renderPayment={(order, situation) => <Payment order={order} situation={situation} />}
    />
  );
}

/** Move a gateway's word from the address into the history entry, so that a shared link does not carry it. */
function useReturnHint() {
  const location = useLocation();
  const { search, pathname } = location;
  const navigate = useNavigate();
  useEffect(() => {
    if (search === "") return;
    void navigate(pathname, { replace: true, state: hintFromQuery(new URLSearchParams(search), Date.now()) });
  }, [search, pathname, navigate]);
  return hintFromState(location.state as unknown);
}

function Payment({ order, situation }: { order: Order; situation: Situation }) {
  const config = useShopConfig().data;
  const language = useLanguage();
  const queries = useQueryClient();
  const surroundings = usePaymentSurroundings(config);
  const { run, busy, problem } = usePaymentAction();
  const nameOf = (sku: string) => order.items.find((item) => item.sku === sku)?.name[language] ?? sku;
  const { order_id: orderId, payment } = order;
  useRemembered(order);

  const start = (step: () => Promise<void>) => {
    const started = async () => {
      await step();
      takeOut(settleKeptOrder(orderId));
    };
    void run(started).then(() => queries.invalidateQueries({ queryKey: ["order", orderId] }));
  };
  const door = payment.continue;
  const unsettled = situation === "confirming" || situation === "time_up";
  return (
    <OrderPayment
      payment={payment}
      gateways={config?.gateways ?? []}
      busy={busy}
      declined={situation === "declined"}
      onContinue={door && mayContinue(situation) ? () => { start(() => continuePayment(orderId, door, surroundings)); } : null}
      onRetry={
        payment.can_retry && !unsettled
          ? (gateway) => { start(() => retryPayment(orderId, gateway, surroundings)); }
          : null
      }
      problem={problem && <PaymentProblem problem={problem} nameOf={nameOf} />}
    />
  );
}

/** An order that was seen here is found again under "my orders". */
function useRemembered({ order_id: id, order_number: number, created_at: orderedAt }: Order): void {
  useEffect(() => { rememberOrder({ id, number, orderedAt }); }, [id, number, orderedAt]);
}
