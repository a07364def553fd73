import { Link } from "react-router";

import { useTexts } from "@/shared/i18n/language";

/** The foot of every page: ways around the shop, and what its prices and payments mean. */
export function Footer() {
  const { shop, catalogue, myOrders, footer } = useTexts();
  return (
    <footer className="footer">
      <div className="footer__inner">
        <div>
          <p className="footer__name">{shop.name}</p>
          <p>{footer.about}</p>
        </div>
        <nav aria-labelledby="footer-shop">
          <h2 id="footer-shop">{footer.shopHeading}</h2>
          <ul>
            <li><Link to="/">{catalogue.title}</Link></li>
            <li><Link to="/cart">{shop.cart}</Link></li>
            <li><Link to="/orders">{myOrders.title}</Link></li>
          </ul>
        </nav>
        <div>
          <h2>{footer.helpHeading}</h2>
          <p>{shop.footerPrices}</p>
          <p>{shop.footerPayments}</p>
        </div>
      </div>
    </footer>
  );
}
