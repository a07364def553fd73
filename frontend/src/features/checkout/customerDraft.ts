import type { Customer } from "@/shared/api/contract";
import { isRecord } from "@/shared/json/guards";
import { perTab, readStoredJson } from "@/shared/storage/browserStorage";

const STORAGE_KEY = "lunas.customer.v1";

/** What the shopper typed in this tab, so that a reload costs no typing. */
export function readDraft(): Customer {
  const stored = readStoredJson(perTab, STORAGE_KEY);
  const text = (field: keyof Customer) => {
    const value = isRecord(stored) ? stored[field] : "";
    return typeof value === "string" ? value : "";
  };
  return { name: text("name"), email: text("email"), phone: text("phone") };
}

/** Keep what was typed until the tab is closed. */
export function writeDraft(customer: Customer): void {
  perTab.write(STORAGE_KEY, JSON.stringify(customer));
}
