import { expect, test } from "vitest";

import { readDraft, writeDraft } from "./customerDraft";
import { normalizeCustomer, readablePhone, suggestEmail, validateCustomer } from "./validation";

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

test.each([
  ["02112345678", "phoneStart"],
  ["+1 812 345 6789", "phoneStart"],
  ["+62081234567890", "phoneStart"],
  ["0812345", "phoneShort"],
  ["081234567", "phoneShort"],
  ["08123456789012", "phoneLong"],
  ["0812a4567890", "phoneSigns"],
  ["0812+4567890", "phoneSigns"],
])("%s is not an Indonesian mobile number, and is told why: %s", (phone, why) => {
  expect(validateCustomer({ ...sari, phone })).toEqual({ phone: why });
});

test.each([
  ["sari", "emailNoAt"],
  ["sa ri@contoh.id", "emailSpace"],
  ["sari@contoh,id", "emailSpace"],
  ["sari@", "emailWrong"],
  ["sari@contoh", "emailWrong"],
  ["sari@@contoh.id", "emailWrong"],
  ["sari@contoh..id", "emailWrong"],
  ["@contoh.id", "emailWrong"],
])("%s is not an e-mail address, and is told why: %s", (email, why) => {
  expect(validateCustomer({ ...sari, email })).toEqual({ email: why });
});

test.each([
  ["sari@gmial.com", "sari@gmail.com"],
  ["sari@YAHOO.CON", "sari@yahoo.com"],
  ["sari@gmail.com", null],
  ["sari@contoh.id", null],
  ["sari", null],
])("of %s the address meant is %s", (typed, meant) => {
  expect(suggestEmail(typed)).toBe(meant);
});

test("a number is read back as people write it", () => {
  expect(readablePhone("081234567890")).toBe("+62 812-3456-7890");
});

test("a name has 2 to 80 characters, as the API has it", () => {
  expect(validateCustomer({ ...sari, name: "a" })).toEqual({ name: "nameTooShort" });
  expect(validateCustomer({ ...sari, name: "Al" })).toEqual({});
  expect(validateCustomer({ ...sari, name: "a".repeat(80) })).toEqual({});
  expect(validateCustomer({ ...sari, name: "a".repeat(81) })).toEqual({ name: "nameTooLong" });
});

test.each(["0812-3456-7890", "0812–3456–7890", "6281234567890", "+62\u00a0812 3456 7890"])("%s is sent in one form", (phone) => {
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
