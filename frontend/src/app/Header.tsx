import { Link } from "react-router";

import { countPieces } from "@/features/cart/cartLines";
import { useCart } from "@/features/cart/cartStore";
import { chooseLanguage, useLanguage, useTexts } from "@/shared/i18n/language";

/** The shop's name, the language switch and the way to the cart. */
export function Header({ demo }: { demo: boolean }) {
  const { shop } = useTexts();
  const count = countPieces(useCart());
  return (
    <header className="header">
      {demo && <p className="demo-banner">{shop.demoBanner}</p>}
      <div className="header__inner">
        <Link to="/" className="brand" aria-label={shop.homeLink}>
          <span className="kawung" aria-hidden="true" />
          <span>{shop.name}</span>
        </Link>
        <nav className="header__nav">
          <LanguageSwitch />
          <Link to="/cart" className="cart-link" aria-label={shop.cartLink(count)}>
            <CartIcon />
            <span className="cart-link__word">{shop.cart}</span>
            <span className="cart-link__count" data-testid="cart-count">{count}</span>
          </Link>
        </nav>
      </div>
    </header>
  );
}

function LanguageSwitch() {
  const { shop } = useTexts();
  const other = useLanguage() === "id" ? "en" : "id";
  return (
    <button
      type="button"
      className="language-switch"
      lang={other}
      title={shop.switchLanguageHint}
      data-testid="language-switch"
      onClick={() => { chooseLanguage(other); }}
    >
      {shop.switchLanguage}
    </button>
  );
}

function CartIcon() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" className="icon">
      <path d="M5 9h14l-1.2 9.2a2 2 0 0 1-2 1.8H8.2a2 2 0 0 1-2-1.8L5 9Z" />
      <path d="M9 9V7.5a3 3 0 0 1 6 0V9" />
    </svg>
  );
}
