import { useState } from "react";

import type { PaymentInstructions } from "@/shared/api/contract";
import { useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";

interface Props {
  instructions: PaymentInstructions;
  totalIdr: number;
}

/** The number to type at the bank or the counter, and the exact amount. */
export function PayInstructions({ instructions, totalIdr }: Props) {
  const { order } = useTexts();
  return (
    <dl className="pay-box">
      <div>
        <dt>{instructions.label}</dt>
        {instructions.kind === "qr" ? (
          <dd>{order.qrHelp}</dd>
        ) : (
          <dd className="pay-box__number">
            <span data-testid="pay-number">{instructions.number}</span>
            <CopyButton text={instructions.number} what={instructions.label} />
          </dd>
        )}
      </div>
      <div>
        <dt>{order.amountToPay}</dt>
        <dd className="pay-box__number">
          <span className="money">{formatRupiah(totalIdr)}</span>
          <CopyButton text={totalIdr.toString()} what={order.amountToPay} />
        </dd>
      </div>
    </dl>
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
