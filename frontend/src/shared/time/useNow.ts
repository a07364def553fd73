import { useEffect, useState } from "react";

/** The time in milliseconds, renewed every second while `ticking`. */
export function useNow(ticking: boolean): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => { setNowMs(Date.now()); }, 1_000);
    return () => { clearInterval(timer); };
  }, [ticking]);
  return nowMs;
}
