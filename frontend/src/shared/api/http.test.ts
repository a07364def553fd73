import { expect, test } from "vitest";

import { fakeApi, json, lostConnection, problem } from "@/shared/testing/fakeApi";

import { getJson, postJson } from "./http";

test("a POST carries its idempotency key and its body", async () => {
  const seen = fakeApi({ "POST /x": () => json({ ok: 1 }, 201) });

  await expect(postJson("/x", "key-1", { a: 2 })).resolves.toEqual({ ok: 1 });

  expect(seen).toEqual([{ method: "POST", path: "/x", key: "key-1", body: { a: 2 } }]);
});

test("problem+json becomes a problem with its code, items and kept order", async () => {
  const errors = [{ field: "items", code: "out_of_stock", message: "few", sku: "KOPI", available: 2 }];
  fakeApi({ "GET /x": () => problem(409, "out_of_stock", { errors, order_id: "order-9" }) });

  await expect(getJson("/x")).rejects.toMatchObject({ code: "out_of_stock", status: 409, errors, orderId: "order-9" });
});

test("damaged items of a problem do not hide the others", async () => {
  const errors = [null, "?", { field: "phone", code: "bad", message: "No", available: "many" }];
  fakeApi({ "GET /x": () => problem(422, "validation_failed", { errors }) });

  await expect(getJson("/x")).rejects.toMatchObject({ errors: [{ field: "phone", code: "bad", message: "No" }] });
});

test("a proxy's HTML page is an unexpected problem, not a crash", async () => {
  fakeApi({ "GET /x": () => new Response("<h1>Bad gateway</h1>", { status: 502 }) });

  await expect(getJson("/x")).rejects.toMatchObject({ code: "unexpected", status: 502 });
});

test("no answer, and an answer that breaks off, are both a lost network", async () => {
  fakeApi({ "GET /none": lostConnection, "GET /half": () => new Response('{"order_', { status: 201 }) });

  await expect(getJson("/none")).rejects.toMatchObject({ code: "network_lost", status: 0 });
  await expect(getJson("/half")).rejects.toMatchObject({ code: "network_lost" });
});
