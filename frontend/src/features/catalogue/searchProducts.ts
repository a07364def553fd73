import type { Product } from "@/shared/api/contract";

export const ORDERS = ["shop", "cheap", "dear"] as const;

/** `shop` is the order in which the shop lists its goods. */
export type Order = (typeof ORDERS)[number];

/** What the shopper looks for; it lives in the address, so that "back" and a shared link keep it. */
export interface Search {
  readonly words: string;
  readonly order: Order;
  readonly onlyAvailable: boolean;
}

/** Read a search from an address; what makes no sense there counts as not asked. */
export function readSearch(query: URLSearchParams): Search {
  const order = ORDERS.find((known) => known === query.get("sort")) ?? "shop";
  return { words: query.get("q") ?? "", order, onlyAvailable: query.get("stock") === "1" };
}

/** Write a search for an address, leaving out what is not asked. */
export function writeSearch({ words, order, onlyAvailable }: Search): URLSearchParams {
  const query = new URLSearchParams();
  if (words.trim() !== "") query.set("q", words);
  if (order !== "shop") query.set("sort", order);
  if (onlyAvailable) query.set("stock", "1");
  return query;
}

/** The products that hold every word in name or description, of either language, in the order asked for. */
export function searchProducts(products: readonly Product[], search: Search): readonly Product[] {
  const words = plain(search.words).split(" ").filter((word) => word !== "");
  const found = products.filter((product) => {
    const text = textOf(product);
    return (!search.onlyAvailable || product.available > 0) && words.every((word) => text.includes(word));
  });
  if (search.order === "shop") return found;
  const direction = search.order === "cheap" ? 1 : -1;
  return found.sort((one, other) => direction * (one.price_idr - other.price_idr));
}

function textOf({ name, description, sku }: Product): string {
  return plain([name.id, name.en, description.id, description.en, sku].join(" "));
}

/** Lower case without accents and punctuation, so that "bird's eye" finds "Bird’s-eye". */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
