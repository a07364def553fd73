import { useState } from "react";

import type { Customer } from "@/shared/api/contract";
import type { ItemProblem } from "@/shared/api/problem";
import { useTexts } from "@/shared/i18n/language";

import { readDraft, writeDraft } from "./customerDraft";
import { FIELDS, readablePhone, suggestEmail, validateCustomer } from "./validation";
import type { Field } from "./validation";

export interface CustomerForm {
  readonly values: Customer;
  readonly change: (field: Field, value: string) => void;
  readonly leave: (field: Field) => void;
  /** The words to show under a field; null while it is right or was not left yet. */
  readonly errorOf: (field: Field) => string | null;
  /** Show all errors and give the first wrong field, or null when the form may be sent. */
  readonly firstWrong: () => Field | null;
  /** How the phone number was understood; null while it is wrong or was not left yet. */
  readonly phoneRead: string | null;
  /** The address that was probably meant, where the one typed has a well-known slip. */
  readonly emailMeant: { readonly words: string; readonly onTake: () => void } | null;
}

/** The customer's details: errors appear once a field was left, then follow the typing. */
export function useCustomerForm(serverErrors: readonly ItemProblem[]): CustomerForm {
  const { checkout: { errors }, paying } = useTexts();
  const [values, setValues] = useState(readDraft);
  const [left, setLeft] = useState<ReadonlySet<Field>>(new Set());
  // What the server found wrong stands until the field is changed; a new answer brings new errors.
  const [corrected, setCorrected] = useState<{ of: readonly ItemProblem[]; fields: ReadonlySet<Field> }>({
    of: serverErrors,
    fields: new Set(),
  });
  const wrong = validateCustomer(values);

  const change = (field: Field, value: string) => {
    const fields = corrected.of === serverErrors ? corrected.fields : [];
    setCorrected({ of: serverErrors, fields: new Set([...fields, field]) });
    const changed = { ...values, [field]: value };
    setValues(changed);
    writeDraft(changed);
  };
  const leave = (field: Field) => {
    // Passing through an empty field with the Tab key is no mistake yet.
    if (values[field] !== "") setLeft(new Set([...left, field]));
  };
  const errorOf = (field: Field) => {
    const own = wrong[field];
    if (own !== undefined) return left.has(field) ? errors[own] : null;
    if (corrected.of === serverErrors && corrected.fields.has(field)) return null;
    return serverErrors.find((error) => error.field.endsWith(field))?.message ?? null;
  };
  const firstWrong = () => {
    setLeft(new Set(FIELDS));
    return FIELDS.find((field) => wrong[field] !== undefined) ?? null;
  };

  const phoneRead =
    wrong.phone === undefined && left.has("phone") ? paying.phoneRead(readablePhone(values.phone)) : null;
  const meant = left.has("email") ? suggestEmail(values.email) : null;
  const emailMeant = meant === null ? null : { words: paying.emailMeant(meant), onTake: () => { change("email", meant); } };

  return { values, change, leave, errorOf, firstWrong, phoneRead, emailMeant };
}
