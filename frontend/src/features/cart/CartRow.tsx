import { Link } from "react-router";

import type { Product } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { productAddress } from "@/shared/routes/addresses";
import { Picture } from "@/shared/ui/Picture";
import { QuantityStepper } from "@/shared/ui/QuantityStepper";

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
        <h2><Link to={productAddress(product.sku)} className="plain-link">{name}</Link></h2>
        <p className="muted small">{texts.each(formatRupiah(product.price_idr))}</p>
        {!held && <StockWarning available={product.available} quantity={quantity} onQuantity={onQuantity} />}
      </div>
      <QuantityStepper
        quantity={quantity}
        most={Math.min(product.available, MAX_QUANTITY)}
        names={{ group: texts.quantityOf(name), less: texts.less(name), more: texts.more(name) }}
        onQuantity={onQuantity}
      />
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
