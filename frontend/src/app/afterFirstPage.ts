import { fetchLanguage } from "@/shared/i18n/language";

import { fetchAllPages } from "./Pages";

/** Once the first page stands: fetch the others, and let the browser keep the shop for a lost network. */
export function afterFirstPage(): void {
  if (document.readyState === "complete") prepare();
  else window.addEventListener("load", prepare, { once: true });
}

function prepare(): void {
  whenIdle(() => {
    // Whoever needs what could not be fetched asks for it again, and is told if that fails.
    Promise.all([fetchAllPages(), fetchLanguage("en")]).catch(() => undefined);
    keepForOffline();
  });
}

/** Only the built shop has the worker; a browser that refuses one (private windows) simply keeps nothing. */
function keepForOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}

/** Safari has no idle callback; a moment after the load is late enough. */
function whenIdle(work: () => void): void {
  if ("requestIdleCallback" in window) window.requestIdleCallback(work, { timeout: 4_000 });
  else setTimeout(work, 1_000);
}
