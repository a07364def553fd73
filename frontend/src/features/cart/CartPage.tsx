import { useState } from "react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { useProducts } from "@/shared/api/queries";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { LoadFailed } from "@/shared/ui/LoadFailed";
import { MessagePage } from "@/shared/ui/MessagePage";
import { useTitle } from "@/shared/ui/useTitle";

import { CartRow } from "./CartRow";
import { countPieces } from "./cartLines";
import { setQuantity, useCart } from "./cartStore";
import { priceCart } from "./pricedCart";
import type { PricedCart } from "./pricedCart";
import "./cart.css";

interface Props {
  /** Says that an order already holds these items; their own reservation must not look like a shortage. */
  heldNotice: ReactNode;
}

/** What the shopper has chosen so far: change it, or go on to pay. */
export function CartPage({ heldNotice }: Props) {
  const texts = useTexts();
  const cart = useCart();
  const products = useProducts();
  const [removed, setRemoved] = useState("");
  useTitle(texts.cart.title);

  if (cart.length === 0) {
    return (
      <>
        <MessagePage title={texts.cart.empty} help={texts.cart.emptyHelp}>
          <Link to="/" className="button">{texts.shop.backToShop}</Link>
        </MessagePage>
        <p className="visually-hidden" role="status">{removed}</p>
      </>
    );
  }
  if (products.data) {
    const priced = priceCart(cart, products.data);
    return <FilledCart cart={priced} heldNotice={heldNotice} removed={removed} onRemoved={setRemoved} />;
  }
  if (!products.isError) return <p role="status">{texts.shop.loading}</p>;
  return (
    <LoadFailed onAgain={() => void products.refetch()}>
      <p className="message-page__note">{texts.network.kept(countPieces(cart))}</p>
    </LoadFailed>
  );
}

interface FilledProps extends Props {
  cart: PricedCart;
  removed: string;
  onRemoved: (message: string) => void;
}

function FilledCart({ cart, heldNotice, removed, onRemoved }: FilledProps) {
  const texts = useTexts().cart;
  const language = useLanguage();
  return (
    <div className="cart">
      <h1>{texts.title}</h1>
      {heldNotice}
      <div className="cart__columns">
        <ul className="cart__lines">
          {cart.lines.map(({ product, quantity, lineTotalIdr }) => (
            <CartRow
              key={product.sku}
              product={product}
              quantity={quantity}
              held={heldNotice !== null}
              lineTotalIdr={lineTotalIdr}
              onQuantity={(wanted) => {
                setQuantity(product.sku, wanted);
                if (wanted === 0) onRemoved(texts.removed(product.name[language]));
              }}
            />
          ))}
          {cart.goneSkus.map((sku) => <GoneRow key={sku} sku={sku} />)}
        </ul>
        <CartTotals totalIdr={cart.totalIdr} payable={cart.lines.length > 0 && cart.goneSkus.length === 0}>
          <Link to="/" className="button button--quiet button--wide">{texts.keepShopping}</Link>
        </CartTotals>
      </div>
      <p className="visually-hidden" role="status">{removed}</p>
    </div>
  );
}

function GoneRow({ sku }: { sku: string }) {
  const texts = useTexts().cart;
  return (
    <li className="cart-row cart-row--gone">
      <p className="cart-row__warning">{texts.unavailable} ({sku})</p>
      <button type="button" className="link-button" onClick={() => { setQuantity(sku, 0); }}>{texts.remove}</button>
    </li>
  );
}

function CartTotals({ totalIdr, payable, children }: { totalIdr: number; payable: boolean; children: ReactNode }) {
  const texts = useTexts().cart;
  return (
    <section className="panel cart__totals" aria-label={texts.total}>
      <dl className="totals">
        <div><dt>{texts.shipping}</dt><dd>{texts.shippingFree}</dd></div>
        <div className="totals__sum"><dt>{texts.total}</dt><dd className="money">{formatRupiah(totalIdr)}</dd></div>
      </dl>
      {payable && <Link to="/checkout" className="button button--wide" data-testid="go-checkout">{texts.checkout}</Link>}
      {children}
    </section>
  );
}
