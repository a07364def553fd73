import { useEffect, useRef, useState } from "react";

export interface Countdown {
  /** Whole seconds that are left; 0 when there is nothing to wait for. */
  readonly leftS: number;
  readonly start: (seconds: number) => void;
}

/** Counts down whole seconds by the clock, so that a tab that slept does not wait twice. */
export function useCountdown(): Countdown {
  const [leftS, setLeftS] = useState(0);
  const endsAtMs = useRef(0);
  const running = leftS > 0;
  useEffect(() => {
    if (!running) return;
    const tick = () => { setLeftS(Math.max(0, Math.ceil((endsAtMs.current - Date.now()) / 1000))); };
    const timer = setInterval(tick, 1_000);
    return () => { clearInterval(timer); };
  }, [running]);
  const start = (seconds: number) => {
    endsAtMs.current = Date.now() + seconds * 1000;
    setLeftS(seconds);
  };
  return { leftS, start };
}
