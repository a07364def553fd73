import { useSyncExternalStore } from "react";

import { lasting } from "@/shared/storage/browserStorage";

import { id } from "./id";

export type Language = "id" | "en";

/** The Indonesian dictionary is the shape that every other language must fill completely. */
export type Dictionary = typeof id;

const STORAGE_KEY = "lunas.language";
const listeners = new Set<() => void>();
// English comes when it is asked for: most shoppers never need its words.
const dictionaries: { id: Dictionary; en?: Dictionary } = { id };

/** Fetch the words of the language that was chosen on an earlier visit; rejects if they cannot be had now. */
export async function fetchChosenLanguage(): Promise<void> {
  await fetchLanguage(chosenLanguage());
}

/** Fetch the words of a language; nothing happens when they are here. */
export async function fetchLanguage(language: Language): Promise<void> {
  if (language === "en") dictionaries.en ??= (await import("./en")).en;
}

/** The language of the page: the chosen one, or Indonesian for as long as its words are not here. */
export function currentLanguage(): Language {
  const chosen = chosenLanguage();
  return dictionaries[chosen] ? chosen : "id";
}

/** Switch the language for this and later visits; the page follows as soon as the words are here. */
export function chooseLanguage(language: Language): void {
  lasting.write(STORAGE_KEY, language);
  follow();
}

/** The texts in the current language; the component follows a switch at once. */
export function useTexts(): Dictionary {
  return dictionaries[useLanguage()] ?? id;
}

/** The current language; the component follows a switch at once, also one made in another tab. */
export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, currentLanguage);
}

function chosenLanguage(): Language {
  return lasting.read(STORAGE_KEY) === "en" ? "en" : "id";
}

function follow(): void {
  const tell = () => { listeners.forEach((notify) => { notify(); }); };
  tell();
  // Without a network the page keeps its words; the choice is kept for the next visit.
  if (currentLanguage() !== chosenLanguage()) fetchChosenLanguage().then(tell, () => undefined);
}

function subscribe(notify: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("storage", follow);
  listeners.add(notify);
  return () => {
    listeners.delete(notify);
    if (listeners.size === 0) window.removeEventListener("storage", follow);
  };
}
