import type { ReactNode } from "react";

import type { ApiProblem } from "@/shared/api/problem";
import { useTexts } from "@/shared/i18n/language";
import { Notice } from "@/shared/ui/Notice";

/** One item of which the shop has fewer pieces than were asked for. */
export interface Shortage {
  readonly sku: string;
  readonly name: string;
  readonly available: number;
}

interface Props {
  problem: ApiProblem;
  /** Names the items of an `out_of_stock` answer. */
  nameOf: (sku: string) => string;
  onAdjust?: (shortages: readonly Shortage[]) => void;
  /** More ways out: a link to the kept order. */
  children?: ReactNode;
}

/** Says in words why a payment did not start, what is safe, and what to do. */
export function PaymentProblem({ problem, nameOf, onAdjust, children }: Props) {
  const texts = useTexts();
  const shortages = shortagesOf(problem, nameOf);
  return (
    <Notice tone="problem" title={texts.problems.heading}>
      <p>{texts.problems.codes[problem.code]}</p>
      {shortages.length > 0 && (
        <ul>
          {shortages.map(({ sku, name, available }) => <li key={sku}>{texts.problems.left(name, available)}</li>)}
        </ul>
      )}
      {shortages.length > 0 && onAdjust && (
        <button type="button" className="button button--quiet" onClick={() => { onAdjust(shortages); }}>
          {texts.problems.adjustCart}
        </button>
      )}
      {children}
    </Notice>
  );
}

function shortagesOf(problem: ApiProblem, nameOf: (sku: string) => string): Shortage[] {
  return problem.errors.flatMap(({ sku, available }) =>
    sku === undefined ? [] : [{ sku, name: nameOf(sku), available: Math.max(0, available ?? 0) }],
  );
}
