import type { Tone } from "./situation";

const STROKES: Record<Tone, string> = {
  good: "M20 33l8 8 17-18",
  waiting: "M32 20v13l9 6",
  bad: "M24 24l16 16M40 24L24 40",
  neutral: "M22 32h20",
};

/** A round mark for the eye; the words beside it say the same. */
export function StatusMark({ tone }: { tone: Tone }) {
  return (
    <svg className="status__mark" viewBox="0 0 64 64" width="56" height="56" aria-hidden="true" focusable="false">
      <circle cx="32" cy="32" r="30" className="status__disc" />
      <path d={STROKES[tone]} className="status__stroke" />
    </svg>
  );
}
