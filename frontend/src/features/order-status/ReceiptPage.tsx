import { Link } from "react-router";

import type { Order } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatWib } from "@/shared/i18n/wib";
import { formatRupiah } from "@/shared/money/rupiah";
import { MessagePage } from "@/shared/ui/MessagePage";
import { useTitle } from "@/shared/ui/useTitle";

import { Unseen } from "./Unseen";
import { useFollowedOrder } from "./useFollowedOrder";
import "./receipt.css";

interface Props {
  orderId: string;
  shopName: string;
}

/** The receipt of a paid order, to read and to print. */
export function ReceiptPage({ orderId, shopName }: Props) {
  const { shop, paying } = useTexts();
  const { data: order, error, refetch } = useFollowedOrder(orderId, 0);
  useTitle(order ? `${paying.receipt.title} ${order.order_number}` : paying.receipt.title);

  if (!order) return error ? <Unseen problem={error} onAgain={() => void refetch()} /> : <p role="status">{shop.loading}</p>;
  if (order.paid_at === null) {
    return (
      <MessagePage title={paying.receipt.none} help={paying.receipt.noneHelp}>
        <BackToOrder orderId={orderId} />
      </MessagePage>
    );
  }
  return <Receipt order={order} paidAt={order.paid_at} shopName={shopName} />;
}

function Receipt({ order, paidAt, shopName }: { order: Order; paidAt: string; shopName: string }) {
  const { order: texts, paying: { receipt } } = useTexts();
  const language = useLanguage();
  return (
    <article className="panel receipt" data-testid="receipt">
      <header className="receipt__head">
        <div>
          <p className="receipt__shop">{shopName}</p>
          <h1>{receipt.title}</h1>
        </div>
        <p className="receipt__number">{order.order_number}</p>
      </header>
      <dl className="facts">
        <div><dt>{receipt.paidFor}</dt><dd>{order.customer_name}</dd></div>
        <div><dt>{texts.orderedAt}</dt><dd>{formatWib(order.created_at, language)}</dd></div>
        <div><dt>{texts.paidAt}</dt><dd>{formatWib(paidAt, language)}</dd></div>
        {order.payment.method_label && <div><dt>{texts.method}</dt><dd>{order.payment.method_label}</dd></div>}
      </dl>
      <Lines order={order} />
      <Sums order={order} />
      <p className="muted small">{receipt.note}</p>
      <div className="receipt__actions">
        <button type="button" className="button" onClick={() => { window.print(); }}>{receipt.print}</button>
        <BackToOrder orderId={order.order_id} />
      </div>
    </article>
  );
}

function Lines({ order }: { order: Order }) {
  const { receipt } = useTexts().paying;
  const language = useLanguage();
  return (
    <table className="receipt__lines">
      <thead>
        <tr>
          <th scope="col">{receipt.item}</th>
          <th scope="col">{receipt.quantity}</th>
          <th scope="col">{receipt.unitPrice}</th>
          <th scope="col">{receipt.lineTotal}</th>
        </tr>
      </thead>
      <tbody>
        {order.items.map((item) => (
          <tr key={item.sku}>
            <th scope="row">{item.name[language]}</th>
            <td>{item.quantity}</td>
            <td>{formatRupiah(item.unit_price_idr)}</td>
            <td>{formatRupiah(item.line_total_idr)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Sums({ order: { total_idr: totalIdr, refunded_idr: refundedIdr } }: { order: Order }) {
  const { order: texts, paying: { receipt } } = useTexts();
  return (
    <dl className="totals">
      <div className="totals__sum"><dt>{texts.total}</dt><dd className="money">{formatRupiah(totalIdr)}</dd></div>
      {refundedIdr > 0 && (
        <>
          <div><dt>{texts.refunded}</dt><dd className="money">{formatRupiah(-refundedIdr)}</dd></div>
          <div><dt>{receipt.net}</dt><dd className="money">{formatRupiah(totalIdr - refundedIdr)}</dd></div>
        </>
      )}
    </dl>
  );
}

function BackToOrder({ orderId }: { orderId: string }) {
  const { receipt } = useTexts().paying;
  return <Link to={`/orders/${encodeURIComponent(orderId)}`} className="button button--quiet">{receipt.back}</Link>;
}
