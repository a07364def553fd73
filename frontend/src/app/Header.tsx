import { Link, NavLink } from "react-router";

import { countPieces } from "@/features/cart/cartLines";
import { useCart } from "@/features/cart/cartStore";
import { chooseLanguage, useLanguage, useTexts } from "@/shared/i18n/language";
import { Icon } from "@/shared/ui/Icon";

import { ThemeSwitch } from "./ThemeSwitch";

/** The shop's name, the switches of language and appearance, and the ways to orders and cart. */
export function Header({ demo }: { demo: boolean }) {
  const { shop, myOrders } = useTexts();
  const count = countPieces(useCart());
  return (
    <header className="header">
      {demo && <p className="demo-banner">{shop.demoBanner}</p>}
      <div className="header__inner">
        <Link to="/" className="brand" aria-label={shop.homeLink}>
          <span className="kawung" aria-hidden="true" />
          <span>{shop.name}</span>
        </Link>
        <nav className="header__nav" aria-label={shop.navigation}>
          <LanguageSwitch />
          <ThemeSwitch />
          <NavLink to="/orders" end className="header__button" aria-label={myOrders.title}>
            <Icon name="receipt" />
            <span className="header__word">{myOrders.short}</span>
          </NavLink>
          <NavLink to="/cart" className="header__button" aria-label={shop.cartLink(count)}>
            <Icon name="bag" />
            <span className="header__word">{shop.cart}</span>
            <span className="cart-count" data-testid="cart-count">{count}</span>
          </NavLink>
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
      className="header__button header__button--quiet"
      lang={other}
      title={shop.switchLanguageHint}
      aria-label={shop.switchLanguage}
      data-testid="language-switch"
      onClick={() => { chooseLanguage(other); }}
    >
      <span className="header__long">{shop.switchLanguage}</span>
      <span className="header__short">{other.toUpperCase()}</span>
    </button>
  );
}
