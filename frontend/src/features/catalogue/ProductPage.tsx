import { useState } from "react";
import { Link } from "react-router";

import type { Product } from "@/shared/api/contract";
import { useProducts } from "@/shared/api/queries";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { LoadFailed } from "@/shared/ui/LoadFailed";
import { MessagePage } from "@/shared/ui/MessagePage";
import { Picture } from "@/shared/ui/Picture";
import { QuantityStepper } from "@/shared/ui/QuantityStepper";
import { useTitle } from "@/shared/ui/useTitle";

import { ProductGrid } from "./ProductGrid";
import { relatedProducts } from "./relatedProducts";
import { StockBadge } from "./StockBadge";
import "./catalogue.css";
import "./product.css";

interface Props {
  sku: string;
  quantityInCart: (sku: string) => number;
  onAdd: (sku: string, quantity: number) => void;
}

const RELATED = 4;

/** The page of one product: look closer, choose how many, put it into the cart. */
export function ProductPage(props: Props) {
  const { product: texts, shop } = useTexts();
  const products = useProducts();
  const product = products.data?.find(({ sku }) => sku === props.sku);
  const language = useLanguage();
  useTitle(product?.name[language] ?? (products.data ? texts.missing : shop.loading));

  if (product && products.data) {
    return <FoundProduct product={product} related={relatedProducts(products.data, product.sku, RELATED)} {...props} />;
  }
  if (products.isError) return <LoadFailed onAgain={() => void products.refetch()} />;
  if (!products.data) return <LoadingProduct />;
  return (
    <MessagePage title={texts.missing} help={texts.missingHelp}>
      <Link to="/" className="button">{shop.backToShop}</Link>
    </MessagePage>
  );
}

function FoundProduct({ product, related, quantityInCart, onAdd }: Omit<Props, "sku"> & { product: Product; related: readonly Product[] }) {
  const { product: texts } = useTexts();
  const language = useLanguage();
  return (
    <>
      <Path name={product.name[language]} />
      <article className="product" data-testid="product" data-sku={product.sku}>
        <div className="product__picture">
          <Picture src={product.image_url} alt="" size={620} eager />
          <StockBadge available={product.available} />
        </div>
        <div className="product__words">
          <h1>{product.name[language]}</h1>
          <p className="product__price money">{formatRupiah(product.price_idr)}</p>
          <p className="product__description">{product.description[language]}</p>
          <Buy
            product={product}
            inCart={quantityInCart(product.sku)}
            onAdd={(quantity) => { onAdd(product.sku, quantity); }}
          />
          <Facts product={product} />
        </div>
      </article>
      {related.length > 0 && (
        <section className="related" aria-labelledby="related-heading">
          <h2 id="related-heading">{texts.related}</h2>
          <ProductGrid products={related} quantityInCart={quantityInCart} onAdd={(sku) => { onAdd(sku, 1); }} />
        </section>
      )}
    </>
  );
}

function Path({ name }: { name: string }) {
  const { product, catalogue } = useTexts();
  return (
    <nav className="path" aria-label={product.path}>
      <ol>
        <li><Link to="/">{catalogue.title}</Link></li>
        <li aria-current="page">{name}</li>
      </ol>
    </nav>
  );
}

function Buy({ product, inCart, onAdd }: { product: Product; inCart: number; onAdd: (quantity: number) => void }) {
  const { product: texts, catalogue } = useTexts();
  const language = useLanguage();
  const [wanted, setWanted] = useState(1);
  const [added, setAdded] = useState("");
  const most = Math.max(product.available - inCart, 0);
  const quantity = Math.min(wanted, Math.max(most, 1));
  const add = () => {
    onAdd(quantity);
    setWanted(1);
    setAdded(texts.addedSome(quantity, product.name[language]));
  };
  return (
    <div className="buy">
      {product.available <= 0 ? <p className="notice">{texts.soldOutHelp}</p> : (
        <QuantityStepper
          quantity={quantity}
          most={most}
          names={{ group: texts.quantity, less: texts.less, more: texts.more }}
          onQuantity={setWanted}
        />
      )}
      <button type="button" className="button buy__button" disabled={most === 0} data-testid="add-to-cart" onClick={add}>
        {product.available <= 0 ? catalogue.soldOut : most === 0 ? catalogue.allInCart : texts.add}
      </button>
      {/* It is there before its words, as readers only announce changes; it keeps its room, so that nothing moves. */}
      <p className="buy__added" role="status">
        {added} {inCart > 0 && <Link to="/cart">{texts.seeCart} ({catalogue.inCart(inCart)})</Link>}
      </p>
    </div>
  );
}

function Facts({ product }: { product: Product }) {
  const { product: texts, promises } = useTexts();
  return (
    <dl className="product__facts">
      <div><dt>{texts.stock}</dt><dd>{texts.pieces(product.available)}</dd></div>
      <div><dt>{texts.delivery}</dt><dd>{texts.deliveryFree}</dd></div>
      <div><dt>{texts.payment}</dt><dd>{promises.payment}</dd></div>
      <div><dt>{texts.sku}</dt><dd>{product.sku}</dd></div>
    </dl>
  );
}

function LoadingProduct() {
  const { shop } = useTexts();
  return (
    <div className="product product--empty" aria-busy="true">
      <div className="product__picture" />
      <p className="muted" role="status">{shop.loading}</p>
    </div>
  );
}
