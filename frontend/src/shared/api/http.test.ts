import { expect, test } from "vitest";

import { documented, fakeApi, lostConnection, problem } from "@/shared/testing/fakeApi";

import type { CreatedTransaction } from "./contract";
import { getJson, postJson } from "./http";

const CREATE = "POST /api/payments/create-transaction";
const path = "/api/payments/create-transaction";
const body = { items: [{ sku: "KOPI", quantity: 2 }], customer: { name: "Sari", email: "s@contoh.id", phone: "0812345678" } };

test("a POST carries its idempotency key and its body", async () => {
  const seen = fakeApi({ [CREATE]: documented("xendit") });

  await expect(postJson<CreatedTransaction>(path, "key-0001", body)).resolves.toMatchObject({ gateway: "xendit" });

  expect(seen).toEqual([{ method: "POST", path, key: "key-0001", body }]);
});

test("problem+json becomes a problem with its code, items, kept order and the time to wait", async () => {
  const errors = [{ field: "items", code: "out_of_stock", message: "few", sku: "KOPI", available: 2 }];
  fakeApi({ [CREATE]: () => problem(409, "out_of_stock", { errors, order_id: "order-9" }) });

  const refused = postJson(path, "key-0001", body);

  await expect(refused).rejects.toMatchObject({ code: "out_of_stock", status: 409, errors, orderId: "order-9", retryAfterS: null });
});

test.each([["7", 7], ["0", null], ["-1", null], ["soon", null], ["Wed, 21 Oct 2026 07:28:00 GMT", null]])(
  "Retry-After %s is a wait of %s seconds",
  async (header, seconds) => {
    fakeApi({
      [CREATE]: async (request) => {
        const answer = await documented("rate_limited")(request);
        answer.headers.set("Retry-After", header);
        return answer;
      },
    });

    const refused = postJson(path, "key-0001", body);

    await expect(refused).rejects.toMatchObject({ code: "rate_limited", retryAfterS: seconds });
  },
);

test("damaged items of a problem do not hide the others", async () => {
  const errors = [null, "?", { field: "phone", code: "bad", message: "No", available: "many" }];
  const damaged = JSON.stringify({ code: "validation_failed", errors });
  fakeApi({ "GET /api/config": () => new Response(damaged, { status: 422 }) });

  await expect(getJson("/api/config")).rejects.toMatchObject({ errors: [{ field: "phone", code: "bad", message: "No" }] });
});

test("a proxy's HTML page is an unexpected problem, not a crash", async () => {
  fakeApi({ "GET /api/config": () => new Response("<h1>Bad gateway</h1>", { status: 502 }) });

  await expect(getJson("/api/config")).rejects.toMatchObject({ code: "unexpected", status: 502 });
});

test("no answer, and an answer that breaks off, are both a lost network", async () => {
  fakeApi({
    "GET /api/products": lostConnection,
    "GET /api/config": () => new Response('{"shop_', { status: 200 }),
  });

  await expect(getJson("/api/products")).rejects.toMatchObject({ code: "network_lost", status: 0 });
  await expect(getJson("/api/config")).rejects.toMatchObject({ code: "network_lost" });
});
