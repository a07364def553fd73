import type { Customer } from "@/shared/api/contract";
import type { Dictionary } from "@/shared/i18n/language";

export type Field = keyof Customer;
export type FieldError = keyof Dictionary["checkout"]["errors"];
export type FieldErrors = Partial<Record<Field, FieldError>>;

export const FIELDS: readonly Field[] = ["name", "email", "phone"];

const EMAIL = /^[^\s@,;]+@[^\s@,;.]+(\.[^\s@,;.]+)*\.[^\s@,;.]{2,}$/;
// Mobile numbers in Indonesia: 08 and 8 to 11 more digits (the 8 of 08 not counted), or the same with 62 in place of the 0.
const LEAST_DIGITS = 8;
const MOST_DIGITS = 11;
const MOBILE = /^(?:\+?62|0)8(\d*)$/;
// Telephones put no-break blanks, and every kind of dash, into the numbers that they paste.
const SEPARATORS = /[\s().\u2010-\u2015-]/g;

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

/** A right number as people write it: `+62 812-3456-7890`. */
export function readablePhone(typed: string): string {
  const digits = normalizePhone(typed).slice("+62".length);
  return `+62 ${digits.slice(0, 3)}-${digits.slice(3, 7)}-${digits.slice(7)}`;
}

// The slips that cost shops the most receipts.
const SLIPS: Readonly<Record<string, string>> = {
  "gmial.com": "gmail.com",
  "gmai.com": "gmail.com",
  "gmal.com": "gmail.com",
  "gmail.co": "gmail.com",
  "gmail.con": "gmail.com",
  "yaho.com": "yahoo.com",
  "yahoo.con": "yahoo.com",
  "yahoo.co.di": "yahoo.co.id",
  "hotmial.com": "hotmail.com",
  "outlok.com": "outlook.com",
};

/** The address that was probably meant; null where the one typed has no slip that we know. */
export function suggestEmail(typed: string): string | null {
  const [user = "", domain = ""] = typed.trim().split("@");
  const meant = SLIPS[domain.toLowerCase()];
  return meant === undefined ? null : `${user}@${meant}`;
}

function normalizePhone(typed: string): string {
  return bare(typed).replace(MOBILE, "+628$1");
}

function bare(typed: string): string {
  return typed.replace(SEPARATORS, "");
}

function checkName(typed: string): FieldError | null {
  const name = typed.trim();
  if (name === "") return "nameMissing";
  if (name.length < 2) return "nameTooShort";
  return name.length > 80 ? "nameTooLong" : null;
}

function checkEmail(typed: string): FieldError | null {
  const email = typed.trim();
  if (email === "") return "emailMissing";
  if (/[\s,;]/.test(email)) return "emailSpace";
  if (!email.includes("@")) return "emailNoAt";
  return EMAIL.test(email) && email.length <= 254 ? null : "emailWrong";
}

function checkPhone(typed: string): FieldError | null {
  const phone = bare(typed);
  if (phone === "") return "phoneMissing";
  if (!/^\+?\d+$/.test(phone)) return "phoneSigns";
  const rest = MOBILE.exec(phone)?.[1];
  if (rest === undefined) return "phoneStart";
  if (rest.length < LEAST_DIGITS) return "phoneShort";
  return rest.length > MOST_DIGITS ? "phoneLong" : null;
}
