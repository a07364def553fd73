/**
 * Storage that never throws: browsers refuse it in some private modes and when it is full.
 * What cannot be written is kept for this page's life, so that shopping still works.
 */
export interface BrowserStorage {
  read(key: string): string | null;
  write(key: string, value: string): void;
  remove(key: string): void;
}

function guarded(open: () => Storage): BrowserStorage {
  const memory = new Map<string, string>();
  return {
    read(key) {
      const kept = memory.get(key);
      if (kept !== undefined) return kept;
      try {
        return open().getItem(key);
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        open().setItem(key, value);
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
    remove(key) {
      memory.delete(key);
      try {
        open().removeItem(key);
      } catch {
        // Nothing was stored, so nothing is left behind.
      }
    },
  };
}

/** Survives closing the browser and is shared by its tabs. */
export const lasting = guarded(() => window.localStorage);

/** Lives as long as the tab: for what the shopper typed about themselves. */
export const perTab = guarded(() => window.sessionStorage);

/** Parse stored JSON; null when it is absent or damaged. */
export function readStoredJson(storage: BrowserStorage, key: string): unknown {
  const text = storage.read(key);
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
