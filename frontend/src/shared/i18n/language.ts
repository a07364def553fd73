import { useSyncExternalStore } from "react";

import { lasting } from "@/shared/storage/browserStorage";

import { en } from "./en";
import { id } from "./id";

export type Language = "id" | "en";

/** The Indonesian dictionary is the shape that every other language must fill completely. */
export type Dictionary = typeof id;

const dictionaries: Record<Language, Dictionary> = { id, en };

const STORAGE_KEY = "lunas.language";
const listeners = new Set<() => void>();

/** The language the shopper chose; Indonesian until they choose. */
export function currentLanguage(): Language {
  return lasting.read(STORAGE_KEY) === "en" ? "en" : "id";
}

/** Switch the language for this and later visits. */
export function chooseLanguage(language: Language): void {
  lasting.write(STORAGE_KEY, language);
  listeners.forEach((notify) => { notify(); });
}

function subscribe(notify: () => void): () => void {
  listeners.add(notify);
  window.addEventListener("storage", notify);
  return () => {
    listeners.delete(notify);
    window.removeEventListener("storage", notify);
  };
}

/** The texts in the current language; the component follows a switch at once. */
export function useTexts(): Dictionary {
  return dictionaries[useLanguage()];
}

/** The current language; the component follows a switch at once, also one made in another tab. */
export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, currentLanguage);
}
