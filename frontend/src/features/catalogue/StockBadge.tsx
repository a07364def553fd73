import { useTexts } from "@/shared/i18n/language";

const FEW = 5;

/** True where the badge has nothing to say about the stock. */
export function isPlenty(available: number): boolean {
  return available > FEW;
}

/** On a picture: only what a shopper must know before clicking, which is that little or nothing is left. */
export function StockBadge({ available }: { available: number }) {
  const { catalogue } = useTexts();
  if (available <= 0) return <span className="badge badge--off">{catalogue.soldOut}</span>;
  if (!isPlenty(available)) return <span className="badge badge--few">{catalogue.lastOnes(available)}</span>;
  return null;
}
