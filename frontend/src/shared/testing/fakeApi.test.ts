import { expect, test } from "vitest";

import document from "@api-document";

import { documented, documentedApi, fakeApi, json, problem, takeBreaches } from "./fakeApi";
import { exampleConfig } from "./examples";

interface Documented {
  requestBody?: { content: { "application/json": { examples: Record<string, { value: unknown }> } } };
}

const config = () => fetch("/api/config").then((answer) => answer.json() as Promise<unknown>);

test("every operation is answered by the document's own example", async () => {
  documentedApi();

  for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, Documented>>)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const examples = Object.values(requestBody?.content["application/json"].examples ?? {});
      const sent = examples[0] === undefined ? {} : { body: JSON.stringify(examples[0].value) };
      expect((await fetch(path, { method: method.toUpperCase(), ...sent })).ok).toBe(true);
    }
  }

  expect(takeBreaches()).toEqual([]);
});

test("a test's own answer takes precedence over the example", async () => {
  documentedApi({ "GET /api/config": () => json({ ...exampleConfig(), shop_name: "Toko Uji" }) });

  await expect(config()).resolves.toMatchObject({ shop_name: "Toko Uji" });
  expect((await fetch("/api/products")).status).toBe(200);
});

test("an example is found by its name, with its status", async () => {
  fakeApi({ "GET /api/orders/order-1": documented("order_not_found") });

  expect((await fetch("/api/orders/order-1")).status).toBe(404);
});

test.each([
  ["a missing field", () => json({ shop_name: "x", gateways: [] }), /required property 'demo'/],
  ["a field too much", () => json({ ...exampleConfig(), secret: 1 }), /additional properties/],
  ["a wrong type", () => json({ ...exampleConfig(), demo: "yes" }), /must be boolean/],
  ["a status that is never given", () => json(exampleConfig(), 201), /never answers 201/],
  ["a problem that is never given", () => problem(409, "out_of_stock"), /never answers 409/],
])("%s in an answer is a breach", async (_what, answer, words) => {
  fakeApi({ "GET /api/config": answer });

  await config();

  expect(takeBreaches().join()).toMatch(words);
});

test("a code that the operation never gives is a breach", async () => {
  fakeApi({ "POST /api/orders/order-1/retry": () => problem(409, "idempotency_key_reused") });

  await fetch("/api/orders/order-1/retry", { method: "POST", body: "{}" });

  expect(takeBreaches().join()).toMatch(/code must be equal to one of the allowed values/);
});

test("a request that the API would not take is a breach", async () => {
  fakeApi({ "POST /api/orders/order-1/retry": documented("xendit") });

  await fetch("/api/orders/order-1/retry", { method: "POST", body: '{"gateway":"doku"}' });

  expect(takeBreaches().join()).toMatch(/gateway/);
});

test("an address that the API does not have, and one without an answer, fail and are breaches", async () => {
  fakeApi({ "GET /api/nothing": () => json({}) });

  await expect(fetch("/api/nothing")).rejects.toThrow("The API has no GET /api/nothing");
  await expect(fetch("/api/config")).rejects.toThrow("names no answer");

  expect(takeBreaches()).toHaveLength(2);
});
