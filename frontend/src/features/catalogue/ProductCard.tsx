import type { Product } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { Picture } from "@/shared/ui/Picture";

interface Props {
  product: Product;
  inCart: number;
  /** Pictures of the first row load at once, the others when they come near. */
  eager: boolean;
  onAdd: () => void;
}

/** One product: picture, name, price, stock, and the button that puts it into the cart. */
export function ProductCard({ product, inCart, eager, onAdd }: Props) {
  const { catalogue } = useTexts();
  const language = useLanguage();
  const name = product.name[language];
  const blocked = inCart >= product.available;
  return (
    <li className="product-card" data-testid="product-card" data-sku={product.sku}>
      <div className="product-card__picture">
        <Picture src={product.image_url} alt="" size={400} eager={eager} />
        <StockBadge available={product.available} />
        {inCart > 0 && <span className="badge badge--mine">{catalogue.inCart(inCart)}</span>}
      </div>
      <h3>{name}</h3>
      <p className="product-card__description">{product.description[language]}</p>
      <p className="money product-card__price">{formatRupiah(product.price_idr)}</p>
      <button
        type="button"
        className="button button--wide"
        disabled={blocked}
        aria-label={blocked ? undefined : catalogue.addNamed(name)}
        data-testid="add-to-cart"
        onClick={onAdd}
      >
        {product.available <= 0 ? catalogue.soldOut : blocked ? catalogue.allInCart : catalogue.add}
      </button>
    </li>
  );
}

const FEW = 5;

function StockBadge({ available }: { available: number }) {
  const { catalogue } = useTexts();
  if (available <= 0) return <span className="badge badge--off">{catalogue.soldOut}</span>;
  if (available <= FEW) return <span className="badge badge--few">{catalogue.lastOnes(available)}</span>;
  return <span className="badge">{catalogue.inStock(available)}</span>;
}
