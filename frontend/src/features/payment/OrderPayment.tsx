import { useState } from "react";
import type { ReactNode } from "react";

import type { GatewayConfig, GatewayId, OrderPayment as Payment } from "@/shared/api/contract";
import { useTexts } from "@/shared/i18n/language";

import { GatewayChoice } from "./GatewayChoice";

interface Props {
  payment: Payment;
  gateways: readonly GatewayConfig[];
  busy: boolean;
  declined: boolean;
  /** Null where there is no open payment page to go on with. */
  onContinue: (() => void) | null;
  /** Null where the order cannot be paid again. */
  onRetry: ((gateway: GatewayId) => void) | null;
  problem: ReactNode;
}

/** The ways on from an order that is not paid: its open payment page, or another try. */
export function OrderPayment({ payment, gateways, busy, declined, onContinue, onRetry, problem }: Props) {
  const { order } = useTexts();
  const [gateway, setGateway] = useState(payment.gateway);
  return (
    <div className="order-payment">
      {problem}
      {onContinue && (
        <button
          type="button"
          className="button button--wide"
          aria-disabled={busy}
          data-testid="continue-payment"
          onClick={onContinue}
        >
          {busy ? order.opening : declined ? order.chooseAnother : order.continue}
        </button>
      )}
      {onRetry && (
        <OtherWay folded={onContinue !== null && !declined}>
          <GatewayChoice gateways={gateways} chosen={gateway} onChoose={setGateway} />
          <button
            type="button"
            className={`button button--wide ${onContinue ? "button--quiet" : ""}`}
            aria-disabled={busy}
            data-testid="retry-payment"
            onClick={() => { onRetry(gateway); }}
          >
            {busy && !onContinue ? order.opening : order.retry}
          </button>
        </OtherWay>
      )}
    </div>
  );
}

/** Another try stays folded while a first one waits: offered side by side, people would pay twice. */
function OtherWay({ folded, children }: { folded: boolean; children: ReactNode }) {
  const { order } = useTexts();
  if (!folded) return <>{children}</>;
  return (
    <details className="other-way">
      <summary data-testid="other-way">{order.otherWay}</summary>
      {children}
    </details>
  );
}
