import firstPaint from "@public/theme.js?raw";
import { expect, test } from "vitest";

import { chooseTheme, currentTheme, THEME_STORAGE_KEY } from "./theme";

/** Run what runs before the first paint; it is a file of its own, outside every bundle. */
function paint() {
  delete document.documentElement.dataset["theme"];
  // A classic script is nothing that can be imported.
  globalThis.eval(firstPaint);
  return document.documentElement.dataset["theme"];
}

test.each(["light", "dark", "system"] as const)("%s, once chosen, stands before the first paint of the next visit", (theme) => {
  chooseTheme(theme);

  expect(currentTheme()).toBe(theme);
  expect(paint()).toBe(theme === "system" ? undefined : theme);
});

test("a value that nobody chose is the device's own appearance", () => {
  window.localStorage.setItem(THEME_STORAGE_KEY, "neon");

  expect(currentTheme()).toBe("system");
  expect(paint()).toBeUndefined();
});
