import type { Refund } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatWib } from "@/shared/i18n/wib";
import { formatRupiah } from "@/shared/money/rupiah";

type Step = Refund["step"];

const WAY: readonly Step[] = ["requested", "approved", "sent", "succeeded"];

/** How far each refund has come, where it goes, and when to expect it. */
export function RefundProgress({ refunds }: { refunds: readonly Refund[] }) {
  const texts = useTexts().paying.refunds;
  return (
    <section className="panel refunds" aria-labelledby="refunds-heading">
      <h2 id="refunds-heading">{texts.title}</h2>
      <ul>{refunds.map((refund) => <OneRefund key={refund.number} refund={refund} />)}</ul>
    </section>
  );
}

function OneRefund({ refund }: { refund: Refund }) {
  const texts = useTexts().paying.refunds;
  const language = useLanguage();
  const { step, method_label: method } = refund;
  return (
    <li className="refund" data-testid="refund" data-step={step}>
      <p className="refund__head">
        <strong>{texts.one(formatRupiah(refund.amount_idr))}</strong>{" "}
        <span className="muted">{method === null ? texts.byTransfer : texts.to(method)}</span>
      </p>
      {step === "failed" ? <p className="refund__delayed">{texts.steps.failed.name}</p> : <Way step={step} />}
      <p>{texts.steps[step].meaning}</p>
      {step !== "failed" && <p className="muted small">{texts.arrives(refund.least_days, refund.most_days)}</p>}
      <p className="muted small">{formatWib(refund.finished_at ?? refund.sent_at ?? refund.requested_at, language)}</p>
    </li>
  );
}

function Way({ step: reached }: { step: Step }) {
  const texts = useTexts().paying.refunds;
  const at = WAY.indexOf(reached);
  return (
    <ol className="refund__way">
      {WAY.map((step, place) => (
        <li key={step} className={place <= at ? "is-reached" : ""} aria-current={place === at ? "step" : undefined}>
          {texts.steps[step].name}
        </li>
      ))}
    </ol>
  );
}
