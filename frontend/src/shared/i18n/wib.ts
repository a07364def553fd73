import type { Language } from "./language";

// Western Indonesia Time has no summer time; the shop's gateways speak it too.
const ZONE = "Asia/Jakarta";
const LOCALES: Record<Language, string> = { id: "id-ID", en: "en-GB" };

/** Show a moment as `23 Nov 2026, 20.15 WIB` (Indonesian) or `23 Nov 2026, 20:15 WIB` (English). */
export function formatWib(iso: string, language: Language): string {
  const moment = new Date(iso);
  const locale = LOCALES[language];
  const day = moment.toLocaleDateString(locale, { timeZone: ZONE, day: "numeric", month: "short", year: "numeric" });
  const time = moment.toLocaleTimeString(locale, { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
  return `${day}, ${time} WIB`;
}

/** Show a span as `23:59:07`, its hours counting past 24; never below zero. */
export function formatRemaining(remainingMs: number): string {
  const seconds = Math.max(0, Math.floor(remainingMs / 1000));
  const two = (value: number) => value.toString().padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
