import { Link } from "react-router";

import type { Product } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { productAddress } from "@/shared/routes/addresses";
import { Picture } from "@/shared/ui/Picture";

import { isPlenty, StockBadge } from "./StockBadge";

interface Props {
  product: Product;
  inCart: number;
  /** Pictures of the first row load at once, the others when they come near. */
  eager: boolean;
  onAdd: () => void;
}

/** One product: picture and name lead to its page, the button puts it into the cart. */
export function ProductCard({ product, inCart, eager, onAdd }: Props) {
  const { catalogue } = useTexts();
  const language = useLanguage();
  return (
    <li className="product-card" data-testid="product-card" data-sku={product.sku}>
      <div className="product-card__picture">
        <Picture src={product.image_url} alt="" size={400} eager={eager} />
        <StockBadge available={product.available} />
        {inCart > 0 && <span className="badge badge--mine">{catalogue.inCart(inCart)}</span>}
      </div>
      <h3>
        {/* Its area is the whole card: one link for picture and name, not two to the same place. */}
        <Link to={productAddress(product.sku)} className="product-card__link">{product.name[language]}</Link>
      </h3>
      <p className="product-card__description">{product.description[language]}</p>
      <p className="product-card__price">
        <span className="money">{formatRupiah(product.price_idr)}</span>
        <span className="product-card__stock" data-testid="stock" data-available={product.available}>
          {isPlenty(product.available) && catalogue.inStock(product.available)}
        </span>
      </p>
      <AddButton product={product} inCart={inCart} onAdd={onAdd} />
    </li>
  );
}

function AddButton({ product, inCart, onAdd }: Pick<Props, "product" | "inCart" | "onAdd">) {
  const { catalogue } = useTexts();
  const language = useLanguage();
  const blocked = inCart >= product.available;
  return (
    <button
      type="button"
      className="button button--wide button--soft"
      disabled={blocked}
      aria-label={blocked ? undefined : catalogue.addNamed(product.name[language])}
      data-testid="add-to-cart"
      onClick={onAdd}
    >
      {product.available <= 0 ? catalogue.soldOut : blocked ? catalogue.allInCart : catalogue.add}
    </button>
  );
}
