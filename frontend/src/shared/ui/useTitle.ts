import { useEffect } from "react";

import { useTexts } from "@/shared/i18n/language";

/** Name the browser's tab after the page, with the shop behind it. */
export function useTitle(page: string): void {
  const { shop } = useTexts();
  useEffect(() => {
    document.title = `${page} · ${shop.name}`;
  }, [page, shop.name]);
}
