import { expect, test, vi } from "vitest";

import { lasting, readStoredJson } from "./browserStorage";

test("a browser that refuses storage still remembers within the page", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  lasting.write("refused", "kept");

  expect(lasting.read("refused")).toBe("kept");
  lasting.remove("refused");
  expect(lasting.read("refused")).toBeNull();
});

test("damaged JSON reads as absent", () => {
  window.localStorage.setItem("damaged", "{not json");

  expect(readStoredJson(lasting, "damaged")).toBeNull();
});
