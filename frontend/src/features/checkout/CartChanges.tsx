import type { Ref } from "react";

import { useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";

/** One thing about the cart that is not as it was when the shopper chose. */
export type CartChange =
  | { readonly kind: "price"; readonly name: string; readonly beforeIdr: number; readonly nowIdr: number }
  | { readonly kind: "short"; readonly name: string; readonly available: number }
  | { readonly kind: "gone"; readonly sku: string };

interface Props {
  changes: readonly CartChange[];
  newTotalIdr: number;
  onAccept: () => void;
  buttonRef: Ref<HTMLButtonElement>;
}

/** Tells line by line what changed since the shopper chose; nothing is ordered before they agree. */
export function CartChanges({ changes, newTotalIdr, onAccept, buttonRef }: Props) {
  const texts = useTexts().paying.changes;
  const words = (change: CartChange): string => {
    switch (change.kind) {
      case "price":
        return texts.price(change.name, formatRupiah(change.beforeIdr), formatRupiah(change.nowIdr));
      case "short":
        return texts.short(change.name, change.available);
      case "gone":
        return texts.gone(change.sku);
    }
  };
  return (
    <div className="notice notice--problem" role="alert" data-testid="cart-changes">
      <p className="notice__title">{texts.title}</p>
      <ul>{changes.map((change) => <li key={words(change)}>{words(change)}</li>)}</ul>
      <p className="notice__sum">{texts.newTotal(formatRupiah(newTotalIdr))}</p>
      <button
        type="button"
        ref={buttonRef}
        className="button button--quiet"
        data-testid="accept-changes"
        onClick={onAccept}
      >
        {texts.confirm}
      </button>
    </div>
  );
}
