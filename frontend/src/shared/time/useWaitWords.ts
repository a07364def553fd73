import { useTexts } from "@/shared/i18n/language";

// Beyond this, counting seconds only makes people nervous.
const LONG_WAIT_S = 90;

/** "Try again in 5 seconds", or null where there is nothing to wait for. */
export function useWaitWords(waitS: number): string | null {
  const { paying } = useTexts();
  if (waitS <= 0) return null;
  return paying.tryAgainIn(waitS > LONG_WAIT_S ? paying.minutes(Math.ceil(waitS / 60)) : paying.seconds(waitS));
}
