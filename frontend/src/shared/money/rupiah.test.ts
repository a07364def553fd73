import { expect, test } from "vitest";

import { formatRupiah } from "./rupiah";

test.each([
  [0, "Rp\u00a00"],
  [999, "Rp\u00a0999"],
  [1_000, "Rp\u00a01.000"],
  [150_000, "Rp\u00a0150.000"],
  [1_250_000, "Rp\u00a01.250.000"],
  [12_345_678_901, "Rp\u00a012.345.678.901"],
  [-50_000, "-Rp\u00a050.000"],
])("%d rupiah are shown as %s", (amount, shown) => {
  expect(formatRupiah(amount)).toBe(shown);
});
