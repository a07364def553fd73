import { expect, test } from "vitest";

import { formatRemaining, formatWib } from "./wib";

test("a moment is shown in WIB whatever offset it came with, and on the Indonesian day", () => {
  expect(formatWib("2026-11-23T18:05:00+00:00", "id")).toBe("24 Nov 2026, 01.05 WIB");
  expect(formatWib("2026-11-24T02:05:00+08:00", "en")).toBe("24 Nov 2026, 01:05 WIB");
});

test.each([
  [86_399_000, "23:59:59"],
  [3_600_000, "01:00:00"],
  [90_061_000, "25:01:01"],
  [999, "00:00:00"],
  [-5_000, "00:00:00"],
])("%d ms left are shown as %s", (remaining, shown) => {
  expect(formatRemaining(remaining)).toBe(shown);
});
