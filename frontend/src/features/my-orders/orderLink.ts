// 144 random bits, as the API makes them.
const ORDER_ID = /^[A-Za-z0-9_-]{24}$/;

/** The order that a pasted link, or its last part, is of; null if it can be no order of this shop. */
export function orderIdOf(pasted: string, shopOrigin: string): string | null {
  const text = pasted.trim();
  if (ORDER_ID.test(text)) return text;
  if (!text.startsWith(`${shopOrigin}/`)) return null;
  const [path = ""] = text.slice(shopOrigin.length).split(/[?#]/);
  const [, id = ""] = /^\/orders\/([^/]+)\/?$/.exec(path) ?? [];
  return ORDER_ID.test(id) ? id : null;
}
