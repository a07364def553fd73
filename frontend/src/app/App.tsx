import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { BrowserRouter } from "react-router";

import { productsQuery } from "@/shared/api/queries";

import { createQueryClient } from "./queryClient";
import { Pages } from "./Pages";

/** The whole shop. */
export function App() {
  const [queryClient] = useState(startedClient);
  return (
    <QueryClientProvider client={queryClient}>
      <BrowserRouter>
        <Pages />
      </BrowserRouter>
    </QueryClientProvider>
  );
}

/** A client that asks for the goods at once, beside the page's own script; only an order's page needs none. */
function startedClient() {
  const client = createQueryClient();
  // A failure is told by the page, which asks again.
  if (!window.location.pathname.startsWith("/orders")) client.query(productsQuery).catch(() => undefined);
  return client;
}
