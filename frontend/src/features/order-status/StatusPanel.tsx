import type { ReactNode } from "react";
import { Link } from "react-router";

import type { Order } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRemaining, formatWib } from "@/shared/i18n/wib";

import { PayInstructions } from "./PayInstructions";
import { hintWorthTelling, mayContinue, toneOf } from "./situation";
import type { ReturnHint, Situation } from "./situation";
import { StatusMark } from "./StatusMark";

interface Props {
  order: Order;
  situation: Situation;
  nowMs: number;
  hint: ReturnHint | null;
  /** Buttons and messages that belong to paying. */
  children: ReactNode;
}

/** Where the order stands, what that means, and what to do now. */
export function StatusPanel({ order, situation, nowMs, hint, children }: Props) {
  const { order: texts, paying } = useTexts();
  const told = hintWorthTelling(situation, hint, nowMs);
  const words = texts.situations[situation];
  const tone = toneOf(situation);
  const showsNumber = order.payment.instructions !== null && situation === "waiting";
  return (
    <section className={`panel status status--${tone}`} data-testid="order-status" data-status={order.status} data-situation={situation}>
      <StatusMark tone={tone} />
      <div role="status">
        <h1>{words.title}</h1>
        <p>{words.meaning}</p>
        {told && <p className="status__hint" data-testid="return-hint">{paying.hints[told]}</p>}
      </div>
      {showsNumber && order.payment.instructions && (
        <PayInstructions instructions={order.payment.instructions} totalIdr={order.total_idr} />
      )}
      {mayContinue(situation) && <Deadline expiresAt={order.expires_at} nowMs={nowMs} />}
      <p className="status__next">{words.next}</p>
      {children}
      {order.paid_at && (
        <Link to={`/orders/${encodeURIComponent(order.order_id)}/receipt`} data-testid="receipt-link">
          {paying.receipt.link}
        </Link>
      )}
      {!order.final && <p className="muted small status__live"><span aria-hidden="true" className="pulse" />{texts.following}</p>}
    </section>
  );
}

function Deadline({ expiresAt, nowMs }: { expiresAt: string; nowMs: number }) {
  const texts = useTexts().order;
  const language = useLanguage();
  return (
    <dl className="deadline">
      <div><dt>{texts.payBefore}</dt><dd>{formatWib(expiresAt, language)}</dd></div>
      <div><dt>{texts.timeLeft}</dt><dd><span role="timer">{formatRemaining(Date.parse(expiresAt) - nowMs)}</span></dd></div>
    </dl>
  );
}
