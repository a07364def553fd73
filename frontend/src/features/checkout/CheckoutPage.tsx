import { useRef } from "react";
import type { ReactNode } from "react";

import type { Customer } from "@/shared/api/contract";
import type { ItemProblem } from "@/shared/api/problem";
import { useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { useTitle } from "@/shared/ui/useTitle";

import { OrderSummary } from "./OrderSummary";
import type { SummaryLine } from "./OrderSummary";
import { TextField } from "./TextField";
import { useCustomerForm } from "./useCustomerForm";
import { FIELDS, normalizeCustomer } from "./validation";
import type { Field } from "./validation";
import "./checkout.css";

interface Props {
  lines: readonly SummaryLine[];
  totalIdr: number;
  busy: boolean;
  /** True after a failure that the same click may get past. */
  tryAgain: boolean;
  /** Field errors that the server found. */
  serverErrors: readonly ItemProblem[];
  gatewayChoice: ReactNode;
  problem: ReactNode;
  onPay: (customer: Customer) => void;
}

const INPUTS: Record<Field, { type: string; autoComplete: "name" | "email" | "tel" }> = {
  name: { type: "text", autoComplete: "name" },
  email: { type: "email", autoComplete: "email" },
  phone: { type: "tel", autoComplete: "tel" },
};

/** Who buys, who processes the payment, and what it costs: everything before the payment itself. */
export function CheckoutPage(props: Props) {
  const { lines, totalIdr, serverErrors, gatewayChoice, problem, onPay } = props;
  const texts = useTexts().checkout;
  const form = useCustomerForm(serverErrors);
  const inputs = useRef<Partial<Record<Field, HTMLInputElement | null>>>({});
  useTitle(texts.title);

  const submit = () => {
    const wrong = form.firstWrong();
    if (wrong === null) onPay(normalizeCustomer(form.values));
    else inputs.current[wrong]?.focus();
  };

  return (
    <form className="checkout" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <h1>{texts.title}</h1>
      <div className="checkout__columns">
        <div className="checkout__form">
          <section className="panel" aria-labelledby="details-heading">
            <h2 id="details-heading">{texts.yourDetails}</h2>
            <p className="muted">{texts.yourDetailsHelp}</p>
            {FIELDS.map((field) => (
              <TextField
                key={field}
                id={field}
                label={texts[field]}
                {...INPUTS[field]}
                {...(field === "phone" ? { hint: texts.phoneHint } : {})}
                value={form.values[field]}
                error={form.errorOf(field)}
                inputRef={(element) => { inputs.current[field] = element; }}
                onChange={(value) => { form.change(field, value); }}
                onBlur={() => { form.leave(field); }}
              />
            ))}
          </section>
          {gatewayChoice}
        </div>
        <OrderSummary lines={lines} totalIdr={totalIdr}>
          {problem}
          <PayButton {...props} />
          <p className="muted small">{texts.payNote}</p>
        </OrderSummary>
      </div>
    </form>
  );
}

function PayButton({ busy, tryAgain, totalIdr }: Pick<Props, "busy" | "tryAgain" | "totalIdr">) {
  const { checkout, problems } = useTexts();
  const words = tryAgain ? problems.tryAgain : checkout.pay(formatRupiah(totalIdr));
  return (
    <button type="submit" className="button button--wide" aria-disabled={busy} data-testid="pay-button">
      {busy ? checkout.paying : words}
    </button>
  );
}
