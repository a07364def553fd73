import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";

import { fetchAllPages, Pages } from "@/app/Pages";
import { createQueryClient } from "@/app/queryClient";
import { fetchLanguage } from "@/shared/i18n/language";
import { exampleConfig, exampleProduct } from "@/shared/testing/examples";
import { fakeApi, json } from "@/shared/testing/fakeApi";
import type { Answer } from "@/shared/testing/fakeApi";

// What the shop fetches once its first page stands; here before the first test, as files are no part of any.
await Promise.all([fetchAllPages(), fetchLanguage("en")]);

/** A product that is sold out. */
export const TEH = exampleProduct({ sku: "TEH", name: { id: "Teh Melati", en: "Jasmine Tea" }, price_idr: 35_000, available: 0 });

/** Open the shop at an address, against these answers besides the catalogue's. */
export function openShop(address: string, answers: Record<string, Answer> = {}) {
  const seen = fakeApi({
    "GET /api/config": () => json(exampleConfig()),
    "GET /api/products": () => json({ products: [exampleProduct(), TEH] }),
    ...answers,
  });
  render(
    <QueryClientProvider client={createQueryClient()}>
      <MemoryRouter initialEntries={[address]}>
        <Pages />
        <Address />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return { seen, user: userEvent.setup() };
}

function Address() {
  const { pathname, search } = useLocation();
  return <output data-testid="address">{pathname + search}</output>;
}
