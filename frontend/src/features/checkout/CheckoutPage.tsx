import { useRef } from "react";
import type { ReactNode, RefObject } from "react";

import type { Customer } from "@/shared/api/contract";
import type { ItemProblem } from "@/shared/api/problem";
import { useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { useWaitWords } from "@/shared/time/useWaitWords";
import { useTitle } from "@/shared/ui/useTitle";

import { CartChanges } from "./CartChanges";
import type { CartChange } from "./CartChanges";
import { OrderSummary } from "./OrderSummary";
import type { SummaryLine } from "./OrderSummary";
import { TextField } from "./TextField";
import { useCustomerForm } from "./useCustomerForm";
import type { CustomerForm } from "./useCustomerForm";
import { FIELDS, normalizeCustomer } from "./validation";
import type { Field } from "./validation";
import "./checkout.css";

interface Props {
  lines: readonly SummaryLine[];
  totalIdr: number;
  busy: boolean;
  /** Seconds until the server may be asked again. */
  waitS: number;
  /** What the shopper has not agreed to yet; nothing is paid before. */
  changes: readonly CartChange[];
  newTotalIdr: number;
  onAcceptChanges: () => void;
  /** True after a failure that the same click may get past. */
  tryAgain: boolean;
  /** Field errors that the server found. */
  serverErrors: readonly ItemProblem[];
  gatewayChoice: ReactNode;
  problem: ReactNode;
  onPay: (customer: Customer) => void;
}

type Inputs = Partial<Record<Field, HTMLInputElement | null>>;

const INPUTS: Record<Field, { type: string; autoComplete: "name" | "email" | "tel" }> = {
  name: { type: "text", autoComplete: "name" },
  email: { type: "email", autoComplete: "email" },
  phone: { type: "tel", autoComplete: "tel" },
};

/** Who buys, who processes the payment, and what it costs: everything before the payment itself. */
export function CheckoutPage(props: Props) {
  const { lines, totalIdr, changes, newTotalIdr, gatewayChoice, problem } = props;
  const texts = useTexts().checkout;
  const form = useCustomerForm(props.serverErrors);
  const inputs = useRef<Inputs>({});
  const acceptance = useRef<HTMLButtonElement>(null);
  useTitle(texts.title);

  const submit = () => {
    if (changes.length > 0) {
      acceptance.current?.focus();
      return;
    }
    const wrong = form.firstWrong();
    if (wrong === null) props.onPay(normalizeCustomer(form.values));
    else inputs.current[wrong]?.focus();
  };

  return (
    <form className="checkout" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <h1>{texts.title}</h1>
      <div className="checkout__columns">
        <div className="checkout__form">
          <CustomerFields form={form} inputs={inputs} />
          {gatewayChoice}
        </div>
        <OrderSummary lines={lines} totalIdr={totalIdr}>
          {problem}
          {changes.length > 0 && (
            <CartChanges
              changes={changes}
              newTotalIdr={newTotalIdr}
              onAccept={props.onAcceptChanges}
              buttonRef={acceptance}
            />
          )}
          <PayButton {...props} />
          <p className="muted small">{texts.payNote}</p>
        </OrderSummary>
      </div>
    </form>
  );
}

function CustomerFields({ form, inputs }: { form: CustomerForm; inputs: RefObject<Inputs> }) {
  const texts = useTexts().checkout;
  return (
    <section className="panel" aria-labelledby="details-heading">
      <h2 id="details-heading">{texts.yourDetails}</h2>
      <p className="muted">{texts.yourDetailsHelp}</p>
      {FIELDS.map((field) => (
        <TextField
          key={field}
          id={field}
          label={texts[field]}
          {...INPUTS[field]}
          {...(field === "phone" ? { hint: form.phoneRead ?? texts.phoneHint } : {})}
          suggestion={field === "email" ? form.emailMeant : null}
          value={form.values[field]}
          error={form.errorOf(field)}
          inputRef={(element) => { inputs.current[field] = element; }}
          onChange={(value) => { form.change(field, value); }}
          onBlur={() => { form.leave(field); }}
        />
      ))}
    </section>
  );
}

function PayButton({ busy, waitS, tryAgain, totalIdr, changes }: Props) {
  const { checkout, problems } = useTexts();
  const waiting = useWaitWords(waitS);
  const words = tryAgain ? problems.tryAgain : checkout.pay(formatRupiah(totalIdr));
  const closed = busy || waitS > 0 || changes.length > 0;
  return (
    <button type="submit" className="button button--wide" aria-disabled={closed} data-testid="pay-button">
      {busy ? checkout.paying : waiting ?? words}
    </button>
  );
}
