import "@testing-library/jest-dom/vitest";

import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

// One second, the default, is short for a busy machine, and no part of what any test is about.
configure({ asyncUtilTimeout: 15_000 });

beforeEach(() => {
  window.localStorage.clear();
  window.sessionStorage.clear();
  // jsdom has no layout, so it cannot scroll.
  vi.spyOn(window, "scrollTo").mockImplementation(() => undefined);
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
