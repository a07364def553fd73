import { useRef, useState } from "react";

import { asProblem } from "@/shared/api/problem";
import type { ApiProblem } from "@/shared/api/problem";

export interface PaymentAction {
  /** True from the click until the payment page is open or the attempt has failed. */
  readonly busy: boolean;
  readonly problem: ApiProblem | null;
  /** Take the problem off the screen: the shopper has dealt with it. */
  readonly clear: () => void;
  /** Run one payment step; ignored while another still runs. Never rejects. */
  readonly run: (step: () => Promise<void>) => Promise<void>;
}

/** Runs payment steps one at a time for a screen and keeps what went wrong with the last one. */
export function usePaymentAction(): PaymentAction {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  // State arrives a render later; a second click can come before that.
  const locked = useRef(false);

  const run = async (step: () => Promise<void>) => {
    if (locked.current) return;
    locked.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await step();
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      locked.current = false;
      setBusy(false);
    }
  };

  return { busy, problem, clear: () => { setProblem(null); }, run };
}
