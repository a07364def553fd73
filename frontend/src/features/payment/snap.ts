/**
 * Midtrans' pop-up. Facts from the Midtrans docs, "Snap JS" and "JavaScript callbacks": the script carries the
 * client key in `data-client-key`, and its results are unsigned, so they prove nothing.
 */
export interface SnapOptions {
  language: "id" | "en";
  onSuccess: () => void;
  onPending: () => void;
  onError: () => void;
  onClose: () => void;
}

export interface Snap {
  pay(token: string, options: SnapOptions): void;
}

declare global {
  interface Window {
    snap?: Snap;
  }
}

/** Longer than a slow phone needs for the script, shorter than a shopper's patience. */
const LOAD_TIMEOUT_MS = 10_000;

const loading = new Map<string, Promise<Snap>>();

/** Load snap.js once; rejects when it is blocked, broken or too slow, and may then be called again. */
export function loadSnap(scriptUrl: string, clientKey: string): Promise<Snap> {
  const known = loading.get(scriptUrl);
  if (known) return known;
  const attempt = insertScript(scriptUrl, clientKey);
  loading.set(scriptUrl, attempt);
  attempt.catch(() => loading.delete(scriptUrl));
  return attempt;
}

function insertScript(scriptUrl: string, clientKey: string): Promise<Snap> {
  const script = document.createElement("script");
  script.src = scriptUrl;
  script.dataset["clientKey"] = clientKey;
  return new Promise<Snap>((resolve, reject) => {
    const give = (outcome: () => void) => {
      clearTimeout(timer);
      outcome();
    };
    const fail = () => {
      script.remove();
      reject(new Error(`snap.js did not load from ${scriptUrl}`));
    };
    const timer = setTimeout(fail, LOAD_TIMEOUT_MS);
    script.addEventListener("error", () => { give(fail); });
    script.addEventListener("load", () => {
      const { snap } = window;
      give(snap ? () => { resolve(snap); } : fail);
    });
    document.head.append(script);
  });
}
