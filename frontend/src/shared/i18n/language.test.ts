import { expect, test, vi } from "vitest";

test("English is fetched when it is chosen, and until then the page stays Indonesian", async () => {
  vi.resetModules();
  const { chooseLanguage, currentLanguage, fetchChosenLanguage } = await import("./language");

  chooseLanguage("en");
  expect(window.localStorage.getItem("lunas.language")).toBe("en");
  expect(currentLanguage()).toBe("id");
  await fetchChosenLanguage();
  expect(currentLanguage()).toBe("en");
  chooseLanguage("id");
  expect(currentLanguage()).toBe("id");
});
