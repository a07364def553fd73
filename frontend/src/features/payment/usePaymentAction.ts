import { useRef, useState } from "react";

import { asProblem } from "@/shared/api/problem";
import type { ApiProblem } from "@/shared/api/problem";
import { useCountdown } from "@/shared/time/useCountdown";

export interface PaymentAction {
  /** True from the click until the payment page is open or the attempt has failed. */
  readonly busy: boolean;
  readonly problem: ApiProblem | null;
  /** Seconds for which the server asked us to leave it alone; 0 when the next step may be run. */
  readonly waitS: number;
  /** Take the problem off the screen: the shopper has dealt with it. */
  readonly clear: () => void;
  /** Run one payment step; ignored while another still runs or the server wants to be left alone. Never rejects. */
  readonly run: (step: () => Promise<void>) => Promise<void>;
}

/** Runs payment steps one at a time for a screen and keeps what went wrong with the last one. */
export function usePaymentAction(): PaymentAction {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  // State arrives a render later; a second click can come before that.
  const locked = useRef(false);
  const { leftS: waitS, start: startWaiting } = useCountdown();

  const run = async (step: () => Promise<void>) => {
    if (locked.current || waitS > 0) return;
    locked.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await step();
    } catch (thrown) {
      const found = asProblem(thrown);
      startWaiting(found.retryAfterS ?? 0);
      setProblem(found);
    } finally {
      locked.current = false;
      setBusy(false);
    }
  };

  return { busy, problem, waitS, clear: () => { setProblem(null); }, run };
}
