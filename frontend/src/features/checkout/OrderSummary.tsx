import type { ReactNode } from "react";
import { Link } from "react-router";

import { useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { Picture } from "@/shared/ui/Picture";

export interface SummaryLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly lineTotalIdr: number;
  readonly imageUrl: string;
}

interface Props {
  lines: readonly SummaryLine[];
  totalIdr: number;
  children: ReactNode;
}

/** What is bought and what it costs, with the pay button below. */
export function OrderSummary({ lines, totalIdr, children }: Props) {
  const { checkout, cart } = useTexts();
  return (
    <section className="panel summary" aria-labelledby="summary-heading">
      <div className="summary__head">
        <h2 id="summary-heading">{checkout.summary}</h2>
        <Link to="/cart">{checkout.editCart}</Link>
      </div>
      <ul className="summary__lines">
        {lines.map((line) => (
          <li key={line.sku}>
            <Picture src={line.imageUrl} alt="" size={56} />
            <span className="summary__name">{line.name} <span className="muted">× {line.quantity}</span></span>
            <span className="money">{formatRupiah(line.lineTotalIdr)}</span>
          </li>
        ))}
      </ul>
      <dl className="totals">
        <div><dt>{cart.shipping}</dt><dd>{cart.shippingFree}</dd></div>
        <div className="totals__sum"><dt>{cart.total}</dt><dd className="money">{formatRupiah(totalIdr)}</dd></div>
      </dl>
      {children}
    </section>
  );
}
