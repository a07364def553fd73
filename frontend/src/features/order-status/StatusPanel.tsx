import type { ReactNode } from "react";

import type { Order } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRemaining, formatWib } from "@/shared/i18n/wib";

import { PayInstructions } from "./PayInstructions";
import { mayContinue, toneOf } from "./situation";
import type { Situation } from "./situation";
import { StatusMark } from "./StatusMark";

interface Props {
  order: Order;
  situation: Situation;
  nowMs: number;
  /** Buttons and messages that belong to paying. */
  children: ReactNode;
}

/** Where the order stands, what that means, and what to do now. */
export function StatusPanel({ order, situation, nowMs, children }: Props) {
  const texts = useTexts().order;
  const words = texts.situations[situation];
  const tone = toneOf(situation);
  const showsNumber = order.payment.instructions !== null && situation === "waiting";
  return (
    <section className={`panel status status--${tone}`} data-testid="order-status" data-status={order.status} data-situation={situation}>
      <StatusMark tone={tone} />
      <div role="status">
        <h1>{words.title}</h1>
        <p>{words.meaning}</p>
      </div>
      {showsNumber && order.payment.instructions && (
        <PayInstructions instructions={order.payment.instructions} totalIdr={order.total_idr} />
      )}
      {mayContinue(situation) && <Deadline expiresAt={order.expires_at} nowMs={nowMs} />}
      <p className="status__next">{words.next}</p>
      {children}
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
