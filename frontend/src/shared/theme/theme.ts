import { useSyncExternalStore } from "react";

import { lasting } from "@/shared/storage/browserStorage";
import { makeFollowers } from "@/shared/storage/followers";

/** `system` follows the device, also when it changes at sunset. */
export type Theme = "system" | "light" | "dark";

export const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** `public/theme.js` reads the same name before the first paint. */
export const THEME_STORAGE_KEY = "lunas.theme";
const followers = makeFollowers();

/** What the shopper chose; the device's own appearance until they choose. */
export function currentTheme(): Theme {
  const stored = lasting.read(THEME_STORAGE_KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Choose the appearance for this and later visits. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") lasting.remove(THEME_STORAGE_KEY);
  else lasting.write(THEME_STORAGE_KEY, theme);
  followers.tell();
}

/** The chosen appearance; the component follows a change at once, also one made in another tab. */
export function useTheme(): Theme {
  return useSyncExternalStore(followers.subscribe, currentTheme);
}
