import { expect, test } from "vitest";

import { readDraft, writeDraft } from "./customerDraft";
import { normalizeCustomer, validateCustomer } from "./validation";

const sari = { name: "Sari Wulandari", email: "sari@contoh.id", phone: "0812 3456 7890" };

test("a complete customer has no errors", () => {
  expect(validateCustomer(sari)).toEqual({});
});

test("every empty field has its own words", () => {
  expect(validateCustomer({ name: " ", email: "", phone: "" })).toEqual({
    name: "nameMissing",
    email: "emailMissing",
    phone: "phoneMissing",
  });
});

test.each(["081234567890", "0812-3456-7890", "+6281234567890", "+62 812 3456 7890", "62812345678", "(0812) 345.678"])(
  "%s is an Indonesian mobile number",
  (phone) => { expect(validateCustomer({ ...sari, phone })).toEqual({}); },
);

test.each(["02112345678", "+1 812 345 6789", "0812345", "08123456789012", "0812a4567890", "+62081234567890"])(
  "%s is not an Indonesian mobile number",
  (phone) => { expect(validateCustomer({ ...sari, phone })).toEqual({ phone: "phoneWrong" }); },
);

test.each(["sari", "sari@", "sari@contoh", "sari@@contoh.id", "sa ri@contoh.id", "sari@contoh..id", "@contoh.id"])(
  "%s is not an e-mail address",
  (email) => { expect(validateCustomer({ ...sari, email })).toEqual({ email: "emailWrong" }); },
);

test("a name may have 100 characters and no more", () => {
  expect(validateCustomer({ ...sari, name: "a".repeat(100) })).toEqual({});
  expect(validateCustomer({ ...sari, name: "a".repeat(101) })).toEqual({ name: "nameTooLong" });
});

test.each(["0812-3456-7890", "6281234567890", "+62 812 3456 7890"])("%s is sent in one form", (phone) => {
  expect(normalizeCustomer({ name: "  Sari   Wulandari ", email: " sari@contoh.id ", phone })).toEqual({
    name: "Sari Wulandari",
    email: "sari@contoh.id",
    phone: "+6281234567890",
  });
});

test("the draft survives a reload; a damaged one reads as empty", () => {
  writeDraft(sari);
  expect(readDraft()).toEqual(sari);

  window.sessionStorage.setItem("lunas.customer.v1", '{"name":7,"email":"a@b.id"}');
  expect(readDraft()).toEqual({ name: "", email: "a@b.id", phone: "" });
});
