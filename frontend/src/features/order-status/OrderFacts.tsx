import type { Order } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatWib } from "@/shared/i18n/wib";
import { formatRupiah } from "@/shared/money/rupiah";
import { Picture } from "@/shared/ui/Picture";

/** What was ordered, by whom, and where its money stands. */
export function OrderFacts({ order }: { order: Order }) {
  const texts = useTexts().order;
  const language = useLanguage();
  return (
    <section className="panel" aria-labelledby="items-heading">
      <h2 id="items-heading">{texts.items}</h2>
      <ul className="summary__lines">
        {order.items.map((item) => (
          <li key={item.sku}>
            <Picture src={item.image_url} alt="" size={56} />
            <span className="summary__name">
              {item.name[language]} <span className="muted">× {item.quantity}</span>
            </span>
            <span className="money">{formatRupiah(item.line_total_idr)}</span>
          </li>
        ))}
      </ul>
      <Money order={order} />
      <dl className="facts">
        <Fact label={texts.orderedBy} value={order.customer_name} />
        <Fact label={texts.orderedAt} value={formatWib(order.created_at, language)} />
        <Fact label={texts.paidAt} value={order.paid_at && formatWib(order.paid_at, language)} />
        <Fact label={order.paid_at ? texts.method : texts.payWith} value={order.payment.method_label} />
      </dl>
    </section>
  );
}

function Money({ order }: { order: Order }) {
  const texts = useTexts().order;
  return (
    <dl className="totals">
      <div className="totals__sum"><dt>{texts.total}</dt><dd className="money">{formatRupiah(order.total_idr)}</dd></div>
      {order.refunded_idr > 0 && (
        <div><dt>{texts.refunded}</dt><dd className="money">{formatRupiah(order.refunded_idr)}</dd></div>
      )}
      {order.refund_pending_idr > 0 && (
        <div><dt>{texts.refundPending}</dt><dd className="money">{formatRupiah(order.refund_pending_idr)}</dd></div>
      )}
    </dl>
  );
}

function Fact({ label, value }: { label: string; value: string | null }) {
  return value ? <div><dt>{label}</dt><dd>{value}</dd></div> : null;
}
