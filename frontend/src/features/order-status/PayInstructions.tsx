import { useState } from "react";

import type { PaymentInstructions } from "@/shared/api/contract";
import { useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";

interface Props {
  instructions: PaymentInstructions;
  totalIdr: number;
}

/** The numbers to type at the bank or the counter, and the exact amount. */
export function PayInstructions({ instructions, totalIdr }: Props) {
  const { order, paying } = useTexts();
  const { kind, label, number, company_code: companyCode } = instructions;
  return (
    <dl className="pay-box">
      {companyCode && <Copied name={`${paying.companyCode} ${label}`} text={companyCode} />}
      <Copied name={kind === "bill" ? paying.billNumber : label} text={number} testId="pay-number" />
      <Copied name={order.amountToPay} text={totalIdr.toString()} shown={formatRupiah(totalIdr)} />
    </dl>
  );
}

interface CopiedProps {
  name: string;
  /** What the button copies. */
  text: string;
  /** What people read; the same, unless told otherwise. */
  shown?: string;
  testId?: string;
}

function Copied({ name, text, shown = text, testId }: CopiedProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="pay-box__number">
        <span className="money" data-testid={testId}>{shown}</span>
        <CopyButton text={text} what={name} />
      </dd>
    </div>
  );
}

type Copying = "ready" | "copied" | "failed";

function CopyButton({ text, what }: { text: string; what: string }) {
  const { order } = useTexts();
  const [copying, setCopying] = useState<Copying>("ready");
  const words: Record<Copying, string> = { ready: order.copy, copied: order.copied, failed: order.copyFailed };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopying("copied");
    } catch {
      // No clipboard without TLS or permission: the number stays selectable.
      setCopying("failed");
    }
  };
  return (
    <button type="button" className="button button--quiet button--small" onClick={() => void copy()}>
      <span aria-live="polite">{words[copying]}</span> <span className="visually-hidden">{what}</span>
    </button>
  );
}
