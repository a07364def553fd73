import { useState } from "react";
import type { ReactNode } from "react";

import type { GatewayConfig, GatewayId, OrderPayment as Payment } from "@/shared/api/contract";
import { useTexts } from "@/shared/i18n/language";
import { useWaitWords } from "@/shared/time/useWaitWords";

import { GatewayChoice } from "./GatewayChoice";

interface Props {
  payment: Payment;
  gateways: readonly GatewayConfig[];
  busy: boolean;
  /** Seconds until the server may be asked again. */
  waitS: number;
  declined: boolean;
  /** Null where there is no open payment page to go on with. */
  onContinue: (() => void) | null;
  /** Null where the order cannot be paid again. */
  onRetry: ((gateway: GatewayId) => void) | null;
  problem: ReactNode;
}

/** The ways on from an order that is not paid: its open payment page, or another try. */
export function OrderPayment(props: Props) {
  const { declined, onContinue, onRetry, problem } = props;
  return (
    <div className="order-payment">
      {problem}
      {onContinue && <OpenPage {...props} onContinue={onContinue} />}
      {onRetry && (
        <OtherWay folded={onContinue !== null && !declined}>
          <Retry {...props} onRetry={onRetry} />
        </OtherWay>
      )}
    </div>
  );
}

function OpenPage({ payment, busy, waitS, declined, onContinue }: Props & { onContinue: () => void }) {
  const { order, paying } = useTexts();
  const waiting = useWaitWords(waitS);
  const isCodeElsewhere = !declined && payment.instructions === null && payment.method_label !== null;
  const words = waiting ?? (declined ? order.chooseAnother : order.continue);
  return (
    <>
      {isCodeElsewhere && <p>{paying.chosen(payment.method_label ?? "")}</p>}
      <button
        type="button"
        className="button button--wide"
        aria-disabled={busy || waitS > 0}
        data-testid="continue-payment"
        onClick={onContinue}
      >
        {busy ? order.opening : words}
      </button>
      {payment.qr_url && <OnPhone qrUrl={payment.qr_url} />}
    </>
  );
}

function Retry({ payment, gateways, busy, waitS, onContinue, onRetry }: Props & { onRetry: (gateway: GatewayId) => void }) {
  const { order } = useTexts();
  const [gateway, setGateway] = useState(payment.gateway);
  const words = useWaitWords(waitS) ?? order.retry;
  return (
    <>
      <GatewayChoice gateways={gateways} chosen={gateway} onChoose={setGateway} />
      <button
        type="button"
        className={`button button--wide ${onContinue ? "button--quiet" : ""}`}
        aria-disabled={busy || waitS > 0}
        data-testid="retry-payment"
        onClick={() => { onRetry(gateway); }}
      >
        {busy && !onContinue ? order.opening : words}
      </button>
    </>
  );
}

/** The open page as a QR picture, for shoppers at a computer whose wallet is on their telephone. */
function OnPhone({ qrUrl }: { qrUrl: string }) {
  const { paying } = useTexts();
  return (
    <details className="other-way on-phone">
      <summary data-testid="on-phone">{paying.onPhone}</summary>
      <p>{paying.onPhoneHelp}</p>
      <img src={qrUrl} alt={paying.onPhoneAlt} width={200} height={200} loading="lazy" data-testid="page-qr" />
    </details>
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
