import type { Customer } from "@/shared/api/contract";
import type { Dictionary } from "@/shared/i18n/language";

export type Field = keyof Customer;
export type FieldError = keyof Dictionary["checkout"]["errors"];
export type FieldErrors = Partial<Record<Field, FieldError>>;

export const FIELDS: readonly Field[] = ["name", "email", "phone"];

const EMAIL = /^[^\s@,;]+@[^\s@,;.]+(\.[^\s@,;.]+)*\.[^\s@,;.]{2,}$/;
// Mobile numbers in Indonesia: 08 and 8 to 11 more digits (the 8 of 08 not counted), or the same with +62 in place of the 0.
const MOBILE = /^(?:\+?62|0)(8\d{8,11})$/;
const SEPARATORS = /[\s().-]/g;

/** Say what is wrong with each field; an empty object means that all is well. */
export function validateCustomer(typed: Customer): FieldErrors {
  const found = { name: checkName(typed.name), email: checkEmail(typed.email), phone: checkPhone(typed.phone) };
  return Object.fromEntries(Object.entries(found).filter(([, error]) => error !== null));
}

/** The customer as sent: trimmed, the phone in the form +62…, so that spelling makes no second purchase. */
export function normalizeCustomer(typed: Customer): Customer {
  return {
    name: typed.name.trim().replace(/\s+/g, " "),
    email: typed.email.trim(),
    phone: normalizePhone(typed.phone),
  };
}

function normalizePhone(typed: string): string {
  return typed.replace(SEPARATORS, "").replace(MOBILE, "+62$1");
}

function checkName(typed: string): FieldError | null {
  const name = typed.trim();
  if (name === "") return "nameMissing";
  return name.length > 100 ? "nameTooLong" : null;
}

function checkEmail(typed: string): FieldError | null {
  const email = typed.trim();
  if (email === "") return "emailMissing";
  return EMAIL.test(email) && email.length <= 254 ? null : "emailWrong";
}

function checkPhone(typed: string): FieldError | null {
  if (typed.trim() === "") return "phoneMissing";
  return MOBILE.test(typed.replace(SEPARATORS, "")) ? null : "phoneWrong";
}
