import type { Product } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { Picture } from "@/shared/ui/Picture";

import { MAX_QUANTITY } from "./cartLines";

interface Props {
  product: Product;
  quantity: number;
  lineTotalIdr: number;
  /** True when an order of the shopper already holds stock, so that what is left says little. */
  held: boolean;
  /** Zero takes the line out. */
  onQuantity: (quantity: number) => void;
}

/** One line of the cart with its stepper and, where stock fell short, a way out. */
export function CartRow({ product, quantity, lineTotalIdr, held, onQuantity }: Props) {
  const texts = useTexts().cart;
  const language = useLanguage();
  const name = product.name[language];
  return (
    <li className="cart-row" data-testid="cart-row" data-sku={product.sku}>
      <Picture src={product.image_url} alt="" size={96} />
      <div className="cart-row__what">
        <h2>{name}</h2>
        <p className="muted small">{texts.each(formatRupiah(product.price_idr))}</p>
        {!held && <StockWarning available={product.available} quantity={quantity} onQuantity={onQuantity} />}
      </div>
      <QuantityStepper name={name} quantity={quantity} available={product.available} onQuantity={onQuantity} />
      <p className="cart-row__total money">{formatRupiah(lineTotalIdr)}</p>
      <button
        type="button"
        className="link-button cart-row__remove"
        aria-label={texts.removeNamed(name)}
        onClick={() => { onQuantity(0); }}
      >
        {texts.remove}
      </button>
    </li>
  );
}

interface StockProps {
  available: number;
  quantity: number;
  onQuantity: (quantity: number) => void;
}

function QuantityStepper({ name, quantity, available, onQuantity }: StockProps & { name: string }) {
  const texts = useTexts().cart;
  const most = Math.min(available, MAX_QUANTITY);
  return (
    <div className="stepper" role="group" aria-label={texts.quantityOf(name)}>
      <button
        type="button"
        aria-label={texts.less(name)}
        disabled={quantity <= 1}
        onClick={() => { onQuantity(quantity - 1); }}
      >
        −
      </button>
      <output aria-live="polite">{quantity}</output>
      <button
        type="button"
        aria-label={texts.more(name)}
        disabled={quantity >= most}
        onClick={() => { onQuantity(quantity + 1); }}
      >
        +
      </button>
    </div>
  );
}

function StockWarning({ available, quantity, onQuantity }: StockProps) {
  const texts = useTexts().cart;
  if (quantity <= available) return null;
  if (available <= 0) return <p className="cart-row__warning">{texts.soldOut}</p>;
  return (
    <p className="cart-row__warning">
      {texts.onlyLeft(available)}{" "}
      <button type="button" className="link-button" onClick={() => { onQuantity(available); }}>
        {texts.adjust(available)}
      </button>
    </p>
  );
}
